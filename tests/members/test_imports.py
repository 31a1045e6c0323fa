"""Lists as unions keep them, brought in through the pages: nothing lost, nothing half, every refusal explained by row."""

import csv
import io
import zipfile
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from cases.models import CaseParty
from cases.services import attachments
from members import tasks
from members.models import (
    AccessLog,
    Body,
    Contact,
    Identifier,
    Import,
    ImportRow,
    Membership,
    Message,
    Office,
    Organisation,
    Person,
)
from members.rules.importing import FAULTS
from members.rules.roles import Role
from members.rules.sheets import MOST_ROWS, BadSheet, Fault, open_table
from members.services import import_targets, imports, vault
from members.services.wording import words_of
from tests.factories import make_body, make_case, make_organisation, make_user

NIK = "3515011203900001"
NIK2 = "3515014107850002"


def xlsx(*rows, title="Anggota", setup=None) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    if setup:
        setup(book)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def text(*lines: str, encoding="utf-8") -> bytes:
    return "\r\n".join(lines).encode(encoding)


def bring(world, data: bytes, kind="members", *, at=None, by=None, mapping=None, **kwargs) -> Import:
    """A file up to the look at its rows."""
    by = by or world.admin_federasi
    batch = imports.start(kind=kind, data=data, organisation=at or world.dpw, by=by, **kwargs)
    found = imports.look(batch)
    imports.choose_columns(
        batch=batch, mapping=batch.mapping if mapping is None else mapping, head=found.head, by=by, sheet=batch.sheet
    )
    return worked(batch)


def worked(batch: Import) -> Import:
    imports.run_waiting(timezone.now())
    batch.refresh_from_db()
    return batch


def run(batch: Import, mode="good", likely="", by=None) -> Import:
    imports.run(batch=batch, mode=mode, likely=likely, by=by or batch.created_by)
    return worked(batch)


def undone(batch: Import) -> Import:
    imports.undo(batch=batch, by=batch.created_by)
    return worked(batch)


def problems(batch: Import) -> dict[int, list[str]]:
    return {row.number: [code for code, *_rest in row.problems] for row in batch.rows.all() if row.problems}


def everything() -> dict:
    """All rows an import could touch, as they stand."""
    models = (Person, Identifier, Contact, Membership, Office, Organisation, Body)
    return {model.__name__: list(model.objects.order_by("pk").values(*_fields(model))) for model in models}


def _fields(model) -> list[str]:
    # A number that was given back counts as one version more.
    return [field.attname for field in model._meta.concrete_fields if field.name not in ("version", "value")]


# --- Files ---------------------------------------------------------------------------------------------------------


class TestFiles:
    def rows(self, data, sheet=0):
        return list(open_table(data).rows(sheet))

    def test_real_cell_types(self):
        data = xlsx(
            ["Nama", "Lahir", "HP", "Lunas"], ["Siti", datetime(1990, 3, 12), 81234567890, True], [None], ["Budi"]
        )
        assert self.rows(data) == [
            (1, ["Nama", "Lahir", "HP", "Lunas"]),
            (2, ["Siti", date(1990, 3, 12), 81234567890, True]),
            (4, ["Budi"]),
        ]

    def test_the_value_of_a_formula_counts_and_one_without_is_told(self):
        data = xlsx(["Nama", "HP"], ["Siti", "=1+1"])
        [(_one, _head), (_two, cells)] = self.rows(data)
        assert cells == ["Siti", "formula_without_value"]
        sheet = "xl/worksheets/sheet1.xml"
        valued = repack(
            data,
            {
                sheet: lambda xml: xml.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>").replace(
                    b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"
                )
            },
        )
        assert self.rows(valued)[1][1] == ["Siti", 2]

    def test_hidden_sheets_are_not_read(self):
        def setup(book):
            book.create_sheet("Kedua").append(["Nama"])
            book["Anggota"].sheet_state = "hidden"

        assert open_table(xlsx(["x"], setup=setup)).sheets == ["Kedua"]

    @pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_text_however_it_was_saved(self, sign, encoding):
        data = text(f"Nama{sign}Kota", f'"Siti, Nur’aini"{sign}Garut', f"Budi{sign}Bekasi", encoding=encoding)
        assert [cells for _n, cells in self.rows(data)] == [
            ["Nama", "Kota"],
            ["Siti, Nur’aini", "Garut"],
            ["Budi", "Bekasi"],
        ]

    def test_the_first_line_may_name_the_sign(self):
        assert self.rows(text("sep=;", "Nama;Kota", "Siti;Garut"))[0] == (2, ["Nama", "Kota"])

    def test_a_line_break_inside_a_cell(self):
        assert self.rows(text("Nama;Kota", '"Siti\r\nAminah";Garut'))[1] == (2, ["Siti\r\nAminah", "Garut"])

    @pytest.mark.parametrize(
        ("data", "fault"),
        [
            (b"", Fault.EMPTY),
            (b"  \r\n", Fault.EMPTY),
            (b"x" * (20 * 1024 * 1024 + 1), Fault.TOO_BIG),
            (b"\xd0\xcf\x11\xe0" + b"x" * 100, Fault.OLD_EXCEL),
            (b"PK\x03\x04 not a zip", Fault.BROKEN),
            (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, Fault.NOT_A_TABLE),
        ],
    )
    def test_what_is_no_table(self, data, fault):
        with pytest.raises(BadSheet) as refused:
            list(open_table(data).rows())
        assert refused.value.fault == fault
        assert str(FAULTS[fault])

    def test_a_zip_bomb_is_not_unpacked(self):
        kept = io.BytesIO()
        with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", "<x/>")
            archive.writestr("xl/big.xml", b"0" * (101 * 1024 * 1024))
        with pytest.raises(BadSheet, match="too_big_unpacked"):
            open_table(kept.getvalue())

    def test_a_part_that_lies_about_its_size_is_broken(self):
        data = xlsx(["Nama"], ["Siti"] * 50)
        at = data.index(b"PK\x01\x02")
        lying = data[: at + 24] + (10).to_bytes(4, "little") + data[at + 28 :]
        with pytest.raises(BadSheet, match="broken"):
            list(open_table(lying).rows())

    def test_entities_are_refused(self):
        bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
        data = repack(xlsx(["Nama"]), {"xl/workbook.xml": lambda xml: bomb + xml.split(b"?>", 1)[-1]})
        with pytest.raises(BadSheet, match="broken"):
            open_table(data)

    def test_other_zips(self):
        for name, fault in (("mimetype", Fault.OPEN_DOCUMENT), ("foto.jpg", Fault.NOT_A_TABLE)):
            kept = io.BytesIO()
            with zipfile.ZipFile(kept, "w") as archive:
                archive.writestr(name, "application/vnd.oasis.opendocument.spreadsheet")
            with pytest.raises(BadSheet, match=fault.value):
                open_table(kept.getvalue())

    def test_limits_of_rows_columns_and_cells(self):
        with pytest.raises(BadSheet, match="too_many_columns"):
            self.rows(text(";".join("abc" for _ in range(101))))
        with pytest.raises(BadSheet, match="too_many_columns"):
            self.rows(xlsx(["x"] * 101))
        with pytest.raises(BadSheet, match="too_many_rows"):
            self.rows(b"Nama;x\n" + b"a;b\n" * (MOST_ROWS + 21))
        assert self.rows(text("Nama;x", f"{'a' * 1001};b"))[1][1] == ["too_long_cell", "b"]

    def test_a_broken_sheet_inside_a_whole_archive(self):
        data = repack(xlsx(["Nama"], ["Siti"]), {"xl/worksheets/sheet1.xml": lambda xml: xml[:-40]})
        with pytest.raises(BadSheet, match="broken"):
            self.rows(data)


def repack(data: bytes, changes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(kept, "w") as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, lambda same: same)(old.read(name)))
    return kept.getvalue()


# --- Members -------------------------------------------------------------------------------------------------------


UGLY = xlsx(
    ["DATA ANGGOTA PUK"],
    ["per November 2026"],
    [],
    ["No", "Nama", "Identitas", None, "Kontak", "Lainnya", None, None],
    [None, None, "NIK", "KK", "No. HP/WA", "Tgl Lahir", "L/P", "Agama"],
    [1, "Siti Rahmawati", "'3515014107850002", None, 81234567890, datetime(1985, 7, 1), "P", "Islam"],
    [2, "Budi Santoso", 3515011203900001, "-", "0812-1111-2222 / 0857 3333 4444", "12 Maret 1990", "L", None],
    [3, "Agus Salim", "1,2E+15", None, None, None, "L", None],
    [4, "Dewi Lestari", None, None, None, "31/02/1990", "P", None],
    [5, "Eko", 1.2e15, None, None, None, None, None],
    [6, "Rina", "3515010101900005", None, None, None, None, None],
    [7, "Joko", "3515010101900005", None, None, None, None, None],
    [8, "Siti Rahmawati", "3515014107850002", None, None, None, None, None],
    [9, "=A1", None, None, None, None, None, None],
    [None, "JUMLAH", 8, None, None, None, None, None],
)


class TestMembers:
    def test_an_ugly_file_row_by_row(self, world):
        batch = bring(world, UGLY)
        assert batch.state == "ready"
        assert batch.mapping == {"full_name": 1, "nik": 2, "kk": 3, "phone": 4, "born_on": 5, "gender": 6}
        assert problems(batch) == {
            8: ["digits_lost"],
            9: ["no_such_day"],
            10: ["digits_lost"],
            11: ["same_nik"],
            12: ["same_nik"],
            13: ["same_row"],
            14: ["formula_without_value"],
            15: ["total_row", "odd_number"],
        }
        assert Person.objects.count() == 0
        batch = run(batch)
        assert (batch.state, batch.done) == ("done", 2)
        siti = Person.objects.with_number(NIK2).get()
        assert (siti.full_name, siti.gender, siti.born_on) == ("Siti Rahmawati", "f", date(1985, 7, 1))
        assert [contact.value for contact in siti.contacts.all()] == ["+6281234567890"]
        budi = Person.objects.with_number(NIK).get()
        assert budi.born_on == date(1990, 3, 12)
        assert {contact.value for contact in budi.contacts.all()} == {"+6281211112222", "+6285733334444"}
        assert set(Membership.objects.values_list("person", "organisation")) == {
            (siti.pk, world.dpw.pk),
            (budi.pk, world.dpw.pk),
        }
        assert Person.objects.count() == 2

    def test_nothing_is_lost_the_refused_rows_come_back_with_their_reasons(self, world):
        batch = run(bring(world, UGLY))
        out = b"".join(imports.refused_file(batch, by=world.admin_federasi)).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(out), delimiter=";"))
        assert len({len(row) for row in rows}) == 1
        by_row = {row[-2]: row for row in rows[1:]}
        assert set(by_row) == {"8", "9", "10", "11", "12", "13", "14", "15"}
        assert by_row["8"][1:3] == ["Agus Salim", "1,2E+15"]
        assert by_row["9"][5] == "31/02/1990"
        assert "Hari ini tidak ada" in by_row["9"][-1] or by_row["9"][-1]
        assert by_row["11"][2] == "'3515010101900005"
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
        assert AccessLog.objects.filter(action="export", object_uuid=batch.uuid, hits=8).exists()

    def test_mended_refused_rows_can_be_sent_again(self, world):
        batch = run(bring(world, UGLY))
        out = b"".join(imports.refused_file(batch, by=world.admin_federasi))
        again = bring(world, out.replace(b"31/02/1990", b"28/02/1990"))
        assert again.rows.get(number=3).state == "good"  # Dewi, in the third line of the file
        assert again.rows.get(number=2).state == "refused"

    def test_all_or_nothing(self, world):
        batch = bring(world, UGLY)
        with pytest.raises(ValidationError, match="8"):
            imports.run(batch=batch, mode="all", by=world.admin_federasi)
        assert Person.objects.count() == 0
        good = bring(world, text("Nama;NIK", f"Siti;{NIK2}", f"Budi;{NIK}"))
        assert run(good, "all").state == "done"
        assert Person.objects.count() == 2

    def test_somebody_already_here_is_not_made_twice_and_only_gaps_are_filled(self, world):
        run(bring(world, text("Nama;NIK;Tgl Lahir", f"Siti Rahmawati;{NIK2};01/07/1985")))
        before = Person.objects.get()
        batch = bring(
            world, text("Nama;NIK;HP;L/P;Tgl Lahir;KTA", f"SITI RACHMAWATI;{NIK2};0812 3456 7890;P;02/07/1985;A-7")
        )
        assert batch.rows.get().match == "exact"
        run(batch)
        siti = Person.objects.get()
        assert (siti.full_name, siti.born_on, siti.gender) == ("Siti Rahmawati", before.born_on, "f")
        assert siti.contacts.get().value == "+6281234567890"
        assert siti.memberships.get().number == "A-7"
        assert siti.version == before.version + 1

    def test_another_name_under_a_known_nik_is_refused(self, world):
        run(bring(world, text("Nama;NIK", f"Siti Rahmawati;{NIK2}")))
        assert problems(bring(world, text("Nama;NIK", f"Joko Susilo;{NIK2}"))) == {2: ["nik_of_other"]}

    def test_of_people_elsewhere_the_page_says_nothing_and_changes_nothing(self, world):
        """A list must not tell whether somebody has a case: patients of others are linked, never shown or filled."""
        case = make_case(desk=world.other_desk, by=world.outsider, patient="Siti Rahmawati")
        patient = case.parties.get().person
        Identifier.objects.create(person=patient, kind="nik", value=NIK2)
        batch = bring(
            world,
            text(
                "Nama;NIK;HP;Tgl Lahir",
                f"Siti Rahmawati;{NIK2};081234567890;01/07/1985",
            ),
            at=world.desk,
            by=world.koordinator,
        )
        assert batch.rows.get().match == ""
        run(batch)
        patient.refresh_from_db()
        assert patient.born_on is None
        assert not patient.contacts.exists()
        assert patient.memberships.get().organisation == world.desk
        assert Person.objects.filter(full_name="Siti Rahmawati").count() == 1
        undone(batch)
        assert Person.objects.filter(pk=patient.pk).exists()
        assert not Membership.objects.exists()

    def test_a_stranger_of_the_same_nik_and_another_name_stays_unknown(self, world):
        case = make_case(desk=world.other_desk, by=world.outsider, patient="Joko Susilo")
        Identifier.objects.create(person=case.parties.get().person, kind="nik", value=NIK2)
        batch = run(bring(world, text("Nama;NIK", f"Siti Rahmawati;{NIK2}"), at=world.desk, by=world.koordinator))
        assert batch.counts is not None
        assert problems(batch) == {}
        assert Person.objects.with_number(NIK2).count() == 2

    def test_likely_matches_are_decided_by_a_person(self, world):
        run(
            bring(
                world,
                text(
                    "Nama;HP;Tgl Lahir", "Siti Rahmawati;081234567890;01/07/1985", "Budi;0857;", "Agus;0813 1111 2222;"
                ),
            ),
            likely="new",
        )
        batch = bring(
            world,
            text(
                "Nama;HP;Tgl Lahir;L/P",
                "SITI RAHMAWATI;;1 Juli 1985;P",
                "Agus Salim;+62 813-1111-2222;;L",
                "Agus Baru;;;L",
            ),
        )
        assert dict(batch.rows.values_list("number", "match")) == {2: "likely", 3: "likely", 4: ""}
        with pytest.raises(ValidationError):
            imports.run(batch=batch, mode="good", by=world.admin_federasi)
        assert imports.decide(batch=batch, decisions={2: "same", 3: "new", 4: "same"}, by=world.admin_federasi) == 2
        run(batch)
        assert Person.objects.get(full_name="Siti Rahmawati").gender == "f"
        assert set(Person.objects.values_list("full_name", flat=True)) == {
            "Siti Rahmawati",
            "Agus",
            "Agus Salim",
            "Agus Baru",
        }

    @pytest.mark.parametrize(("answer", "people"), [("same", 1), ("new", 2)])
    def test_one_answer_for_all(self, world, answer, people):
        run(bring(world, text("Nama;Tgl Lahir", "Siti Rahmawati;01/07/1985")))
        run(bring(world, text("Nama;Tgl Lahir", "Siti Rahmawati;01/07/1985")), likely=answer)
        assert Person.objects.count() == people

    def test_who_appears_after_the_look_is_not_guessed(self, world):
        first = bring(world, text("Nama;Tgl Lahir", "Siti Rahmawati;01/07/1985", "Budi;02/07/1985"))
        second = bring(world, text("Nama;Tgl Lahir", "Siti Rahmawati;01/07/1985"))
        run(second)
        run(first)
        assert problems(first) == {2: ["appeared"]}
        assert Person.objects.count() == 2

    def test_what_appears_takes_back_a_run_that_is_all_or_nothing(self, world):
        first = bring(world, text("Nama;Tgl Lahir", "Budi;02/07/1985", "Siti Rahmawati;01/07/1985"))
        run(bring(world, text("Nama;Tgl Lahir", "Siti Rahmawati;01/07/1985")))
        first = run(first, "all")
        assert (first.state, first.fault, first.done) == ("ready", "conflict", 0)
        assert Person.objects.count() == 1
        assert first.rows.get(number=3).state == "refused"

    def test_units_below_are_found_by_name_or_abbreviation(self, world):
        puk = make_organisation(
            "PUK SPAMK PT Maju", parent=world.desk, kind="plant_unit", line="union", abbreviation="PUK Maju"
        )
        batch = bring(world, text("Nama;PUK", "Siti;PUK Maju", "Budi;puk spamk pt. maju", "Eko;PUK Lain", "Rina;"))
        assert problems(batch) == {4: ["no_unit"]}
        run(batch)
        assert Membership.objects.filter(organisation=puk).count() == 2
        assert Membership.objects.filter(organisation=world.dpw).count() == 1

    def test_a_region_nobody_knows_is_told_and_left_empty(self, world):
        batch = run(bring(world, text("Nama;Kab/Kota", "Siti;Kab. Sidoarjo", "Budi;Atlantis")))
        assert problems(batch) == {3: ["no_region"]}
        assert Person.objects.get(full_name="Siti").region.name == "Kabupaten Sidoarjo"
        assert Person.objects.get(full_name="Budi").region is None

    def test_a_heading_printed_again_is_no_person(self, world):
        batch = bring(world, text("Nama;HP", "Siti;", "Nama;HP", "Budi;"))
        assert list(batch.rows.values_list("number", flat=True)) == [2, 4]

    def test_what_rows_say_is_cipher(self, world):
        from django.db import connection  # noqa: PLC0415

        batch = bring(world, text("Nama;NIK", f"Siti Rahmawati;{NIK2}", "Budi Santoso;1,2E+15"))
        run(batch)
        with connection.cursor() as cursor:
            for table in ("members_import", "members_importrow"):
                cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
                shown = str(cursor.fetchall())
                assert "Siti" not in shown
                assert NIK2 not in shown
        assert b"Siti" not in (vault.Path(vault.settings.MEDIA_ROOT) / batch.stored_name).read_bytes()

    def test_nothing_of_anybody_is_logged(self, world, caplog):
        caplog.set_level("DEBUG", logger="members")
        run(bring(world, UGLY))
        assert "Siti" not in caplog.text
        assert NIK not in caplog.text


# --- Undo ----------------------------------------------------------------------------------------------------------


class TestUndo:
    def test_everything_is_as_it_was(self, world):
        run(bring(world, text("Nama;NIK", f"Siti Rahmawati;{NIK2}")))
        before = everything()
        batch = run(
            bring(world, text("Nama;NIK;HP;L/P;KTA", f"Siti Rahmawati;{NIK2};081234567890;P;A-7", f"Budi;{NIK};;L;A-8"))
        )
        assert everything() != before
        batch = undone(batch)
        assert batch.state == "undone"
        assert everything() == before
        assert imports.counts(batch)["undone"] == 2

    def test_who_was_used_since_stays_and_is_told(self, world, case):
        batch = run(bring(world, text("Nama;NIK", f"Siti Rahmawati;{NIK2}", f"Budi;{NIK}")))
        siti = Person.objects.get(full_name="Siti Rahmawati", identifiers__isnull=False)
        CaseParty.objects.filter(case=case).update(person=siti)
        batch = undone(batch)
        assert Person.objects.filter(pk=siti.pk).exists()
        assert siti.identifiers.count() == 1
        assert not Person.objects.filter(full_name="Budi").exists()
        assert problems(batch) == {2: ["undo_used"]}
        assert imports.counts(batch)["kept"] == 1

    def test_what_was_changed_since_stays_as_it_is(self, world):
        run(bring(world, text("Nama;NIK", f"Siti Rahmawati;{NIK2}")))
        batch = run(
            bring(world, text("Nama;NIK;L/P;Tgl Lahir", f"Siti Rahmawati;{NIK2};P;01/07/1985", f"Budi;{NIK};L;"))
        )
        Person.objects.filter(full_name="Siti Rahmawati").update(born_on=date(1985, 7, 2))
        Person.objects.filter(full_name="Budi").update(full_name="Budi Santoso")
        batch = undone(batch)
        siti = Person.objects.get(full_name="Siti Rahmawati")
        assert (siti.gender, siti.born_on) == ("", date(1985, 7, 2))
        assert Person.objects.filter(full_name="Budi Santoso").exists()
        assert problems(batch) == {2: ["undo_changed"], 3: ["undo_changed"]}

    def test_a_number_added_by_hand_keeps_the_person(self, world):
        batch = run(bring(world, text("Nama;NIK", f"Siti Rahmawati;{NIK2}")))
        Contact.objects.create(person=Person.objects.get(), value="081234567890")
        assert problems(undone(batch)) == {2: ["undo_used"]}

    def test_it_is_done_once(self, world):
        batch = run(bring(world, text("Nama", "Siti")))
        undone(batch)
        assert imports.undo(batch=batch, by=world.admin_federasi).state == "undone"
        with pytest.raises(ValidationError):
            imports.undo(batch=bring(world, text("Nama", "Budi")), by=world.admin_federasi)


# --- Officers, units, bodies ---------------------------------------------------------------------------------------


class TestOtherKinds:
    def test_officers(self, world):
        data = text(
            "Nama;Jabatan;Bidang;No HP;Mulai;Sampai",
            "Siti Rahmawati;Ketua;;081234567890;01/01/2024;31/12/2028",
            "Budi Santoso;Wakil Ketua;Advokasi;;;",
            "Eko;;;;;",
        )
        before = everything()
        batch = bring(world, data, "officers", at=world.desk)
        assert problems(batch) == {4: ["needed"]}
        run(batch)
        siti, budi = Office.objects.order_by("pk")
        assert (siti.name, siti.title, siti.until_on, siti.organisation) == (
            "Siti Rahmawati",
            "Ketua",
            date(2028, 12, 31),
            world.desk,
        )
        assert siti.person.contacts.get().value == "+6281234567890"
        assert (budi.person, budi.field) == (None, "Advokasi")
        assert siti.history.get().history_user == world.admin_federasi
        again = run(bring(world, data, "officers", at=world.desk), likely="same")
        assert Office.objects.count() == 2
        undone(again)
        assert undone(batch).state == "undone"
        assert everything() == before

    def test_units_in_any_order_parents_first(self, world):
        before = everything()
        data = text(
            "Nama PUK;Induk;Jenis;Perusahaan;Kab/Kota",
            "PUK PT Maju;PC Sidoarjo;;PT Maju Jaya;Kab. Sidoarjo",
            "PC Sidoarjo;;;;",
            "PUK Lepas;PC Antah;;;",
            "A;B;;;",
            "B;A;;;",
            "PUK Aneh;;Bukan jenis;;",
        )
        batch = bring(world, data, "units")
        assert problems(batch) == {4: ["no_unit"], 5: ["ring"], 6: ["ring"], 7: ["no_kind"]}
        run(batch)
        puk = Organisation.objects.get(name="PUK PT Maju")
        assert [unit.name for unit in Organisation.objects.above(puk)] == ["PC Sidoarjo", "DPW Uji Timur", "DPN Uji"]
        assert puk.body.name == "PT Maju Jaya"
        again = bring(world, data, "units")
        assert dict(again.rows.filter(state="good").values_list("number", "match")) == {2: "exact", 3: "exact"}
        run(again)
        assert Organisation.objects.filter(name="PUK PT Maju").count() == 1
        undone(again)
        assert undone(batch).state == "undone"
        assert everything() == before

    def test_a_unit_with_something_below_stays(self, world):
        batch = run(bring(world, text("Nama", "PC Sidoarjo", "PC Gresik"), "units"))
        pc = Organisation.objects.get(name="PC Sidoarjo")
        make_organisation("PUK Baru", parent=pc, kind="plant_unit", line="union")
        batch = undone(batch)
        assert problems(batch) == {2: ["undo_used"]}
        assert Organisation.objects.filter(name="PC Sidoarjo").exists()
        assert not Organisation.objects.filter(name="PC Gresik").exists()

    def test_employers_and_facilities(self, world):
        make_body("RSUD Sidoarjo", "hospital", address="Jl. Lama 1")
        before = everything()
        data = text(
            "Nama Faskes;Jenis;Alamat;Telp;Kab/Kota",
            "RSUD SIDOARJO;Rumah sakit;Jl. Baru 2;031-1234567;Kab. Sidoarjo",
            "Klinik Sehat;;Jl. Mawar;;",
            "Pos;Warung;;;",
            "Klinik Sehat;;;;",
        )
        batch = bring(world, data, "facilities")
        assert problems(batch) == {4: ["no_kind"], 5: ["same_row"]}
        run(batch)
        old = Body.objects.get(name="RSUD Sidoarjo")
        assert (old.address, old.phone, old.region.name) == ("Jl. Lama 1", "031-1234567", "Kabupaten Sidoarjo")
        new = Body.objects.get(name="Klinik Sehat")
        assert ([kind.code for kind in new.kinds.all()], new.verified_on) == (["clinic"], None)
        assert undone(batch).state == "undone"
        assert everything() == before

        employers = run(bring(world, text("Nama Perusahaan;Alamat", "PT Maju;Jl. A"), "employers"))
        assert [kind.code for kind in Body.objects.get(name="PT Maju").kinds.all()] == ["employer"]
        make_organisation("PUK Maju", parent=world.desk, body=Body.objects.get(name="PT Maju"))
        assert problems(undone(employers)) == {2: ["undo_used"]}


# --- Killed, twice, somebody else ----------------------------------------------------------------------------------


def many(count: int) -> bytes:
    lines = [f"Orang {_letters(at)};3515011203{at:06};0812{at:08}" for at in range(1, count + 1)]
    return text("Nama;NIK;HP", *lines)


def _letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in f"{number:04}").capitalize()


class TestHeld:
    def test_two_thousand_rows(self, world, django_assert_max_num_queries):
        batch = bring(world, many(2000))
        assert imports.counts(batch)["good"] == 2000
        imports.run(batch=batch, mode="all", by=world.admin_federasi)
        with django_assert_max_num_queries(150):
            worked(batch)
        assert (batch.state, batch.done) == ("done", 2000)
        assert Person.objects.count() == Membership.objects.count() == 2000
        with django_assert_max_num_queries(400):
            undone(batch)
        assert Person.objects.count() == Identifier.objects.count() == Membership.objects.count() == 0

    def test_killed_in_the_middle_of_good_rows_goes_on_after_the_lease(self, world, monkeypatch):
        monkeypatch.setattr(imports, "CHUNK", 5)
        batch = bring(world, many(12))
        imports.run(batch=batch, mode="good", by=world.admin_federasi)
        break_at(monkeypatch, chunk=2)
        with pytest.raises(RuntimeError):
            imports.run_waiting(timezone.now())
        batch.refresh_from_db()
        assert (batch.state, batch.done, Person.objects.count(), Membership.objects.count()) == ("running", 5, 5, 5)
        imports.run_waiting(timezone.now())  # still leased to the one that was killed
        assert Person.objects.count() == 5
        imports.run_waiting(timezone.now() + imports.LEASE + timedelta(seconds=1))
        batch.refresh_from_db()
        assert (batch.state, batch.done, Person.objects.count()) == ("done", 12, 12)

    def test_killed_in_the_middle_of_all_or_nothing_leaves_nothing(self, world, monkeypatch):
        monkeypatch.setattr(imports, "CHUNK", 5)
        batch = bring(world, many(12))
        before = everything()
        imports.run(batch=batch, mode="all", by=world.admin_federasi)
        break_at(monkeypatch, chunk=3)
        with pytest.raises(RuntimeError):
            imports.run_waiting(timezone.now())
        assert everything() == before
        assert not batch.rows.exclude(state="good").exists()
        imports.run_waiting(timezone.now() + timedelta(hours=1))
        assert Person.objects.count() == 12

    def test_killed_while_reading_reads_again(self, world, monkeypatch):
        monkeypatch.setattr(imports, "CHUNK", 5)
        batch = imports.start(kind="members", data=many(12), organisation=world.dpw, by=world.admin_federasi)
        imports.choose_columns(
            batch=batch, mapping=batch.mapping, head=imports.look(batch).head, by=world.admin_federasi
        )
        calls = iter([None, RuntimeError("killed")])
        real = import_targets.People.match

        def match(self, found):
            if failure := next(calls, None):
                raise failure
            return real(self, found)

        monkeypatch.setattr(import_targets.People, "match", match)
        with pytest.raises(RuntimeError):
            imports.run_waiting(timezone.now())
        imports.run_waiting(timezone.now() + timedelta(hours=1))
        batch.refresh_from_db()
        assert (batch.state, batch.rows.count()) == ("ready", 12)

    def test_killed_in_the_middle_of_undoing_goes_on(self, world, monkeypatch):
        monkeypatch.setattr(imports, "CHUNK", 5)
        batch = run(bring(world, many(12)))
        imports.undo(batch=batch, by=world.admin_federasi)
        real, calls = imports.take_back, iter([None, RuntimeError("killed")])

        def take_back(rows):
            kept = real(rows)
            if failure := next(calls, None):
                raise failure
            return kept

        monkeypatch.setattr(imports, "take_back", take_back)
        with pytest.raises(RuntimeError):
            imports.run_waiting(timezone.now())
        assert Person.objects.count() == 7
        imports.run_waiting(timezone.now() + timedelta(hours=1))
        batch.refresh_from_db()
        assert (batch.state, Person.objects.count()) == ("undone", 0)

    def test_what_fails_again_and_again_stops_and_can_still_be_undone(self, world, monkeypatch):
        monkeypatch.setattr(imports, "CHUNK", 5)
        batch = bring(world, many(12))
        imports.run(batch=batch, mode="good", by=world.admin_federasi)
        with monkeypatch.context() as patch:
            real, calls = import_targets.People.write, iter([True])

            def write(self, found):
                if not next(calls, False):
                    raise RuntimeError("broken")
                return real(self, found)

            patch.setattr(import_targets.People, "write", write)
            for hour in range(4):
                with pytest.raises(RuntimeError):
                    imports.run_waiting(timezone.now() + timedelta(hours=hour))
        imports.run_waiting(timezone.now() + timedelta(hours=5))
        batch.refresh_from_db()
        assert (batch.state, batch.fault, Person.objects.count()) == ("failed", "tries", 5)
        with pytest.raises(ValidationError):
            imports.cancel(batch=batch, by=world.admin_federasi)
        assert undone(batch).state == "undone"
        assert Person.objects.count() == 0

    def test_two_workers_never_do_one_row_twice(self, world, monkeypatch):
        """The second takes the import over while the first is still at it: the first one's chunk is taken back."""
        monkeypatch.setattr(imports, "CHUNK", 5)
        batch = bring(world, many(12))
        imports.run(batch=batch, mode="good", by=world.admin_federasi)
        real, late = import_targets.People.write, iter([True])

        def write(self, found):
            real(self, found)
            if next(late, False):
                Import.objects.filter(pk=batch.pk).update(claimed_by="somebody else", lease_until=None)

        monkeypatch.setattr(import_targets.People, "write", write)
        assert imports.work_on(Import.objects.get(pk=batch.pk), now=timezone.now()) is False
        assert Person.objects.count() == 0
        imports.run_waiting(timezone.now() + imports.LEASE + timedelta(seconds=1))
        assert Person.objects.count() == 12

    def test_the_task_does_the_work(self, world):
        batch = imports.start(kind="members", data=many(3), organisation=world.dpw, by=world.admin_federasi)
        imports.choose_columns(
            batch=batch, mapping=batch.mapping, head=imports.look(batch).head, by=world.admin_federasi
        )
        tasks.bring_in_lists()
        batch.refresh_from_db()
        assert batch.state == "ready"

    def test_whoever_left_the_page_is_told_in_the_inbox(self, world):
        batch = run(bring(world, many(3)))
        undone(batch)
        told = Message.objects.filter(recipient=world.admin_federasi, kind="import_ended").order_by("pk")
        assert [row.data["state"] for row in told] == ["ready", "done", "undone"]
        assert {row.path for row in told} == {reverse("members:import", args=[batch.uuid])}
        assert {row.channel for row in told} == {"inbox"}
        assert [words_of(row).title for row in told][1] == "Daftar sudah dimasukkan"

    def test_a_form_sent_twice_makes_one_import_and_keeps_one_file(self, world, settings):
        key = uuid4()
        first, second = (
            imports.start(kind="members", data=many(3), organisation=world.dpw, by=world.admin_federasi, submit_key=key)
            for _ in range(2)
        )
        assert first == second
        assert len(vault.names_older_than(timezone.now() + timedelta(hours=1))) == 1

    def test_run_pressed_twice_runs_once(self, world):
        batch = bring(world, many(3))
        for _ in range(2):
            imports.run(batch=batch, mode="good", by=world.admin_federasi)
        worked(batch)
        imports.run(batch=batch, mode="good", by=world.admin_federasi)
        worked(batch)
        assert Person.objects.count() == 3

    def test_who_lost_the_office_meanwhile_brings_in_nothing(self, world):
        batch = bring(world, many(3), at=world.desk, by=world.koordinator)
        imports.run(batch=batch, mode="good", by=world.koordinator)
        world.koordinator.appointments.update(until_on=timezone.localdate() - timedelta(days=1))
        worked(batch)
        assert (batch.state, batch.fault, Person.objects.count()) == ("failed", "no_right", 0)


def break_at(monkeypatch, *, chunk: int) -> None:
    """The process dies at the end of a chunk, everything written, nothing committed; the next try works."""
    real, count = import_targets.People.write, [0]

    def write(self, found):
        real(self, found)
        count[0] += 1
        if count[0] == chunk:
            raise RuntimeError("killed")

    monkeypatch.setattr(import_targets.People, "write", write)


# --- Forgetting ----------------------------------------------------------------------------------------------------


class TestForgetting:
    def test_a_week_after_the_end_the_words_go_and_the_undo_stays(self, world):
        batch = run(bring(world, text("Nama;NIK", f"Siti;{NIK2}", "Budi;1,2E+15")))
        assert imports.forget_old(now=timezone.now() + timedelta(days=6)) == 0
        assert imports.forget_old(now=timezone.now() + timedelta(days=7, minutes=1)) == 1
        batch.refresh_from_db()
        assert (batch.stored_name, batch.headers) == ("", "")
        assert list(batch.rows.values_list("state", "payload")) == [("done", "")]
        assert imports.counts(batch)["refused"] == 1
        assert imports.forget_old(now=timezone.now() + timedelta(days=8)) == 0
        undone(batch)
        assert Person.objects.count() == 0

    def test_the_file_itself_is_gone(self, world, django_capture_on_commit_callbacks):
        batch = bring(world, text("Nama", "Siti"))
        name = batch.stored_name
        with django_capture_on_commit_callbacks(execute=True):
            imports.forget_old(now=timezone.now() + timedelta(days=8))
        batch.refresh_from_db()
        assert batch.state == "cancelled"
        with pytest.raises(FileNotFoundError):
            vault.fetch(name)

    def test_the_sweep_of_papers_leaves_it_alone(self, world):
        batch = bring(world, text("Nama", "Siti"))
        attachments.sweep(now=timezone.now() + timedelta(days=3))
        assert vault.fetch(batch.stored_name)

    def test_thrown_away(self, world, django_capture_on_commit_callbacks):
        batch = bring(world, text("Nama", "Siti"))
        with django_capture_on_commit_callbacks(execute=True):
            imports.cancel(batch=batch, by=world.admin_federasi)
        assert not ImportRow.objects.exists()
        with pytest.raises(FileNotFoundError):
            vault.fetch(batch.stored_name)
        done = run(bring(world, text("Nama", "Siti")))
        with pytest.raises(ValidationError):
            imports.cancel(batch=done, by=world.admin_federasi)


# --- Pages ---------------------------------------------------------------------------------------------------------


def send(client, data: bytes, organisation, kind="members", **more):
    return client.post(
        reverse("members:import-add"),
        {
            "kind": kind,
            "organisation": str(organisation.uuid),
            "file": SimpleUploadedFile("Daftar Siti Rahmawati.csv", data),
            **more,
        },
    )


class TestPages:
    def test_from_the_file_to_the_undo(self, world, as_user):
        client = as_user(world.koordinator)
        answer = send(
            client, text("Nama Lengkap;No KTP;Agama", f"Siti Rahmawati;{NIK2};Islam", "Budi;1,2E+15;"), world.desk
        )
        batch = Import.objects.get()
        assert answer["Location"] == reverse("members:import-columns", args=[batch.uuid])
        page = client.get(answer["Location"])
        assert "A: Nama Lengkap" in page.text
        assert "Agama" in page.text
        answer = client.post(
            answer["Location"], {"head_row": 1, "kolom_full_name": "0", "kolom_nik": "1", "step": "check"}
        )
        here = reverse("members:import", args=[batch.uuid])
        assert answer["Location"] == here
        page = client.get(here)
        assert "1,2E+15" in page.text
        assert "Refresh" not in page
        answer = client.post(reverse("members:import-run", args=[batch.uuid]), {"mode": "all"}, follow=True)
        assert Person.objects.count() == 0
        client.post(reverse("members:import-run", args=[batch.uuid]), {"mode": "good"})
        assert Person.objects.get().full_name == "Siti Rahmawati"
        file = client.get(reverse("members:import-refused", args=[batch.uuid]))
        assert "Siti" not in file["Content-Disposition"]
        assert b"1,2E+15" in b"".join(file.streaming_content)
        assert client.get(here).status_code == 200
        client.post(reverse("members:import-undo", args=[batch.uuid]))
        assert Person.objects.count() == 0
        assert client.get(here).status_code == 200

    def test_a_big_file_is_left_to_the_worker_and_the_page_looks_again(self, world, as_user, monkeypatch):
        monkeypatch.setattr(imports, "SMALL_FILE", 10)
        client = as_user(world.koordinator)
        send(client, many(20), world.desk)
        batch = Import.objects.get()
        client.post(
            reverse("members:import-columns", args=[batch.uuid]),
            {"head_row": 1, "kolom_full_name": "0", "kolom_nik": "1", "step": "check"},
        )
        page = client.get(reverse("members:import", args=[batch.uuid]))
        assert page["Refresh"] == "4"
        worked(batch)
        assert "Refresh" not in client.get(reverse("members:import", args=[batch.uuid]))

    def test_another_heading_row_is_looked_at_again(self, world, as_user):
        client = as_user(world.koordinator)
        send(client, text("x;y", "Nama;HP", "Siti;0812"), world.desk)
        batch = Import.objects.get()
        url = reverse("members:import-columns", args=[batch.uuid])
        page = client.post(url, {"head_row": 1, "step": "look"})
        assert "A: x" in page.text
        page = client.post(url, {"head_row": 2, "step": "look"})
        assert "B: HP" in page.text

    def test_columns_that_cannot_be(self, world, as_user):
        client = as_user(world.koordinator)
        send(client, text("Nama;HP", "Siti;0812"), world.desk)
        batch = Import.objects.get()
        url = reverse("members:import-columns", args=[batch.uuid])
        for wrong in (
            {"head_row": 1, "kolom_full_name": ""},
            {"head_row": 1, "kolom_full_name": "0", "kolom_nik": "0"},
            {"head_row": 1, "kolom_full_name": "77"},
            {"head_row": "x", "kolom_full_name": "0"},
            {"head_row": "999999999999", "kolom_full_name": "0"},
        ):
            assert client.post(url, {**wrong, "step": "check"}).status_code == 200, wrong
        batch.refresh_from_db()
        assert batch.state == "mapping"

    @pytest.mark.parametrize(
        ("data", "words"),
        [(b"\xd0\xcf\x11\xe0xxxx", ".xlsx"), (b"\x89PNG\x00\x01\x02\x03\x04\x05", ".csv"), (b"PK\x03\x04xx", ".xlsx")],
    )
    def test_a_file_that_is_no_table_is_refused_in_words(self, world, as_user, data, words):
        answer = send(as_user(world.koordinator), data, world.desk)
        assert answer.status_code == 200
        assert words in answer.text
        assert not Import.objects.exists()
        assert vault.names_older_than(timezone.now() + timedelta(hours=1)) == []

    def test_only_in_the_own_part_of_the_tree(self, world, as_user):
        batch = bring(world, text("Nama", "Siti"), at=world.other_desk)
        answer = send(as_user(world.koordinator), text("Nama", "Budi"), world.other_desk)
        assert answer.status_code == 200
        assert Import.objects.count() == 1
        client = as_user(world.koordinator)
        for name in ("import", "import-columns", "import-refused"):
            assert client.get(reverse(f"members:{name}", args=[batch.uuid])).status_code == 404
        for name in ("import-run", "import-undo", "import-cancel", "import-decide"):
            assert client.post(reverse(f"members:{name}", args=[batch.uuid]), {"mode": "good"}).status_code == 404
        assert str(batch.uuid) not in client.get(reverse("members:imports")).text
        with pytest.raises(ValidationError):
            imports.start(kind="members", data=b"Nama\nSiti", organisation=world.other_desk, by=world.koordinator)

    def test_relawan_and_leaders_have_no_such_page(self, world, as_user):
        for user in (world.relawan, world.pimpinan):
            assert as_user(user).get(reverse("members:imports")).status_code == 404

    def test_the_pledge_comes_first(self, world, as_user):
        user = make_user("baru", role=Role.COORDINATOR, at=world.desk, pledged=False)
        assert as_user(user).get(reverse("members:imports"))["Location"].startswith("/ikrar/")

    def test_decisions_row_by_row(self, world, as_user):
        run(bring(world, text("Nama;Tgl Lahir", "Siti;01/07/1985", "Budi;02/07/1985"), at=world.desk))
        batch = bring(world, text("Nama;Tgl Lahir", "Siti;01/07/1985", "Budi;02/07/1985"), at=world.desk)
        client = as_user(world.koordinator)
        here = reverse("members:import", args=[batch.uuid])
        assert "baris-2" in client.get(here + "?lihat=mirip").text
        client.post(
            reverse("members:import-decide", args=[batch.uuid]), {"baris-2": "same", "baris-3": "x", "baris-": "new"}
        )
        assert dict(batch.rows.values_list("number", "decision")) == {2: "same", 3: ""}
        client.post(reverse("members:import-run", args=[batch.uuid]), {"mode": "all", "likely": "new"})
        assert Person.objects.count() == 3
        for lists in ("semua", "catatan", "mirip", "apa"):
            assert client.get(f"{here}?lihat={lists}").status_code == 200

    def test_looking_at_the_rows_leaves_a_trace(self, world, as_user):
        batch = bring(world, text("Nama", "Siti"), at=world.desk)
        as_user(world.koordinator).get(reverse("members:import", args=[batch.uuid]))
        assert AccessLog.objects.filter(action="admin_view", object_uuid=batch.uuid, user=world.koordinator).exists()
