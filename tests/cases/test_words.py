"""The index of searches: kept with the write, nothing of a restricted case, read by permission (issue 5, 3)."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cases.models import Case, CaseWords, EventType
from cases.rules.codes import PartyRole
from cases.services import editing, facts, parties, restriction, search, words
from cases.services.intake import Someone, open_case
from cases.services.search import find
from cases.tasks import refresh_words
from members.models import Body
from members.services import people
from tests.factories import make_case, make_user

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture
def told(world):
    """A case opened by the one door, as the quick log does."""
    return open_case(
        by=world.relawan,
        desk=world.desk,
        story="RS menolak pasien, lalu ditolak lagi di rujukan. Keluarga mengagunkan motor.",
        place=world.place,
        place_note="Ruang Melati lantai dua",
        people=[
            Someone(PartyRole.PATIENT, name="Muhammad Rizki Ramadhan"),
            Someone(PartyRole.REPORTER, name="Wagiyem"),
        ],
        carry=True,
    )


def finds(user, text):
    return [case.pk for case in find(user, text).cases]


class TestWords:
    @pytest.mark.parametrize(
        "text",
        [
            "tolak",
            "menolak",
            "ditolak",
            "TOLAK",
            "agun",
            "rujuk",
            "melati",
            "Wagiyem",
            "cempaka",
            "motor tolak",
            "M.R.R.",
        ],
    )
    def test_pieces_of_words_and_names(self, world, told, text):
        assert finds(world.relawan, text) == [told.pk]

    @pytest.mark.parametrize(
        "text",
        [
            "Mohamad",
            "Muh.",
            "Moh. Rizki",
            "Mochammad",
            "Muhamad riski",
            "muhammad rizky",
            "Ramadan",
            "ramadhn",
            "Wagiyen",
        ],
    )
    def test_names_with_spelling_errors(self, world, told, text):
        assert finds(world.relawan, text) == [told.pk]

    @pytest.mark.parametrize("text", ["tolakan", "xyz", "or motor zz", "ramses", "muhidin"])
    def test_what_does_not_stand_there(self, world, told, text):
        assert finds(world.relawan, text) == []

    def test_names_come_before_words_and_beginnings_before_pieces(self, world):
        common = {"desk": world.desk, "by": world.relawan, "assignee": world.relawan}
        piece = make_case(**common, patient="Ani", story="pemberhentian sepihak")
        word = make_case(**common, patient="Budi", story="henti kerja")
        name = make_case(**common, patient="Henti Lestari", story="lain")
        assert finds(world.relawan, "henti") == [name.pk, word.pk, piece.pk]

    def test_the_count_is_capped(self, world, monkeypatch, as_user):
        monkeypatch.setattr(search, "COUNTED", 3)
        for at in range(6):
            make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, patient=f"Ani {at}", story="sama")
        found = find(world.relawan, "sama")
        assert (found.counted, found.is_capped) == (3, True)
        text = as_user(world.relawan).post("/cari/", {"q": "sama"}).text
        assert "3+ kasus ditemukan" in text

    @pytest.mark.parametrize(
        "text",
        ['"', "'", '"tolak', "tolak*", "tolak AND", "AND", "OR", "NOT", "NEAR(a b)", "names : tolak", "{names}", "^tolak",
         "a:b", "(", ")", "-tolak", "tolak & | !", "<->", ":*", "'tolak':*A", "%", "_", "\\", "\x00tolak", "ﷺ", "²³", "٣٤",
         "x" * 5000, "tolak " * 400, "ab", "a", "a b c d e f g h"],
    )  # fmt: skip
    def test_signs_of_the_language_of_an_index_are_nothing(self, world, told, as_user, text):
        assert as_user(world.relawan).post("/cari/", {"q": text}).status_code == 200
        assert isinstance(find(world.relawan, text).cases, list)

    def test_the_statements_are_the_same_for_one_and_for_many(self, world, told, django_assert_num_queries):
        with django_assert_num_queries(5):  # two for the reach, one for what is named; the hits; their rows
            assert len(find(world.relawan, "wagiyem").cases) == 1
        for at in range(30):
            make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, patient=f"Wagiyem {at}")
        with django_assert_num_queries(5):  # two for the reach, one for what is named; the hits; their rows
            assert find(world.relawan, "wagiyem").total == 31


class TestKeptWithTheWrite:
    def test_a_fact_is_found_at_once(self, world, told):
        note = EventType.objects.get(code="note")
        facts.tell(case=told, type=note, by=world.relawan, text="Dokter Sulaiman minta surat eligibilitas.")
        assert finds(world.relawan, "eligibilitas") == finds(world.relawan, "sulaiman motor") == [told.pk]

    def test_an_edit_takes_the_old_words_away(self, world, told):
        told.refresh_from_db()
        editing.edit(case=told, changes={"story": "Kartu nonaktif."}, version=told.version, by=world.relawan)
        assert finds(world.relawan, "nonaktif") == [told.pk]
        assert finds(world.relawan, "mengagunkan") == []

    def test_somebody_more(self, world, told):
        parties.add(case=told, role=PartyRole.AFFECTED, by=world.relawan, full_name="Paijo Suroso")
        assert finds(world.relawan, "paijo") == finds(world.relawan, "suroso melati") == [told.pk]

    def test_another_name_of_a_person(self, world, told):
        party = told.parties.get(role=PartyRole.REPORTER)
        parties.edit(
            party=party, by=world.relawan, version=party.person.version, changes={"full_name": "Ngatinah"}, phones=[], numbers={}
        )  # fmt: skip
        assert finds(world.relawan, "ngatinah") == [told.pk]
        assert finds(world.relawan, "wagiyem") == []

    def test_members_rename_a_person_and_directory_a_place(self, world, told):
        """They know no case: the row is the queue, and the next wake-up reads it."""
        person = told.parties.get(role=PartyRole.REPORTER).person
        person.full_name = "Ngatinah"
        people.save_identity(person)
        body = Body.objects.get(pk=world.place.pk)
        body.name = "RS Kenanga"
        body.save()
        refresh_words()
        assert finds(world.relawan, "ngatinah") == finds(world.relawan, "kenanga") == [told.pk]
        assert finds(world.relawan, "wagiyem") == []
        assert words.refresh_renamed(now=timezone.now()) == 0

    def test_numbers_are_in_no_row(self, world):
        case = open_case(
            by=world.relawan, desk=world.desk, story="NIK 3171016403920011 dan HP 081234567890 ditolak", carry=True
        )
        row = CaseWords.objects.get(case=case)
        assert "3171016403920011" not in row.words.replace(" ", "")
        assert "81234567890" not in row.words.replace(" ", "")

    def test_deleting_a_case_takes_its_words_along(self, world, told):
        Case.objects.filter(pk=told.pk).update(assignee=world.relawan)
        row = CaseWords.objects.get(case=told)
        row.delete()
        assert finds(world.relawan, "tolak") == []

    def test_everything_can_be_built_anew(self, world, told):
        before = CaseWords.objects.get(case=told)
        CaseWords.objects.filter(case=told).update(names="", words="salah")
        out = StringIO()
        call_command("index_words", stdout=out)
        after = CaseWords.objects.get(case=told)
        assert (set(after.names.split()), set(after.words.split())) == (
            set(before.names.split()),
            set(before.words.split()),
        )
        assert finds(world.relawan, "salah") == []
        assert finds(world.relawan, "tolak") == [told.pk]
        assert "1 " in out.getvalue()


class TestRestricted:
    @pytest.mark.parametrize("text", ["tolak", "wagiyem", "mohamad", "melati", "ramadhn", "cempaka", "M.R.R."])
    def test_found_by_its_number_alone_and_as_before_when_lifted(self, world, told, text):
        told = restriction.restrict(case=told, reason="hiv", by=world.relawan)
        assert not CaseWords.objects.filter(case=told).exists()
        assert finds(world.relawan, text) == []
        assert finds(world.relawan, told.number) == [told.pk]
        restriction.lift(case=told, by=world.relawan, note="Keluarga setuju")
        assert finds(world.relawan, text) == [told.pk]

    def test_what_is_written_meanwhile_is_not_indexed(self, world, told):
        told = restriction.restrict(case=told, reason="hiv", by=world.relawan)
        note = EventType.objects.get(code="note")
        facts.tell(case=told, type=note, by=world.relawan, text="Rahasia besar sekali")
        parties.add(case=told, role=PartyRole.AFFECTED, by=world.relawan, full_name="Paijo Suroso")
        words.refresh([told.pk])
        words.rebuild()
        assert not CaseWords.objects.exists()

    def test_opened_restricted(self, world):
        open_case(by=world.relawan, desk=world.desk, story="Kekerasan di rumah", is_restricted=True, carry=True)
        assert not CaseWords.objects.exists()

    def test_nothing_is_left_in_the_pages_of_the_index(self, world, told):
        restriction.restrict(case=told, reason="hiv", by=world.relawan)
        of = {"sqlite": "SELECT block FROM cases_casewords_fts_data", "postgresql": "SELECT names FROM cases_casewords"}
        with connection.cursor() as cursor:
            cursor.execute(of[connection.vendor])
            kept = b"".join(row[0].encode() if isinstance(row[0], str) else bytes(row[0]) for row in cursor.fetchall())
        assert b"agu" not in kept


class TestReach:
    def test_as_every_role(self, world, told):
        opens = {world.relawan, world.koordinator, world.koordinator_atas}
        everyone = [
            world.relawan, world.relawan2, world.koordinator, world.koordinator_atas, world.outsider,
            world.outside_koordinator, world.pimpinan, world.admin_federasi, world.superuser,
        ]  # fmt: skip
        for user in everyone:
            for text in ("tolak", "mohamad", "ramadhn", "motor"):
                assert (finds(user, text) == [told.pk]) == (user in opens), (user, text)
                assert find(user, text).total == (user in opens)


class TestAnythingTyped(TestCase):
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.text(max_size=60))
    def test_never_an_error(self, text):
        user = self.user
        assert find(user, text).total == 0

    @classmethod
    def setUpTestData(cls):
        cls.user = make_user("pencari")
