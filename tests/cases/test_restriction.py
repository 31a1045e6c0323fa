"""A restricted case: named people only, cipher in every row, in no list, count, search or hint of anyone else."""

import ast
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, models
from django.urls import reverse
from django.utils import timezone

from cases.models import (
    Attachment,
    Attempt,
    Case,
    CaseBar,
    CaseCount,
    CasePaper,
    CasePartner,
    CaseShare,
    Claim,
    Clock,
    Commitment,
    Consent,
    CoverCheck,
    Event,
    EventType,
    Letter,
    MoneyLine,
    Outcome,
    PayerDecision,
    Rule,
)
from cases.reports import board, case_list, figures
from cases.rules.codes import EventCode
from cases.rules.errors import Refused
from cases.services import (
    carrying,
    claims,
    clocks,
    closing,
    duplicates,
    editing,
    facts,
    follow_ups,
    intake,
    restriction,
    search,
    shares,
    timeline,
)
from members.models import Message, User, sealable_fields
from members.rules.roles import Permission
from tests.factories import make_case, make_user

#: Stands in every text of the case below, and nowhere else.
WORD = "rahasiaku"


def raw_rows(word: str = WORD) -> list[tuple[str, str]]:
    """(table, text) of every value in every table of the app in which a word stands, as the database has it."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_app_config("cases").get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            for row in cursor.fetchall():
                found += [(table, str(value)) for value in row if word in str(value).lower()]
    return found


def told(case):
    """Everything the case says, as the models give it back."""
    said = {}
    for model, way in [(Case, "pk"), *restriction.models_of_a_case().items()]:
        for row in model._base_manager.filter(**{way: case.pk}).order_by("pk"):
            for field in sealable_fields(model):
                said[model._meta.model_name, row.pk, field.name] = getattr(row, field.attname)
    return said


def make_full(world, *, tells_others=True):
    """A case with a word of its own in every text that can hold one; others were offered it and share it, if told."""
    now = timezone.now()
    case = intake.open_case(
        by=world.relawan,
        desk=world.desk,
        story=f"Cerita {WORD} panjang sekali",
        title=f"Judul {WORD}",
        place_note=f"loket {WORD}",
        occurred_text=f"sejak {WORD}",
        carry=True,
    )
    common = {"case": case, "logged_at": now, "logged_by": world.relawan}
    event = facts.tell(
        case=case,
        type=EventType.objects.get(code="note"),
        by=world.relawan,
        text=f"Catatan {WORD}",
        counterpart=f"Perawat {WORD}",
    )
    models.QuerySet(Event).filter(pk=event.pk).update(details={"reason": f"alasan {WORD}", "beds": 3})
    claims.add(case=case, topic=f"Sebab {WORD}", text=f"Kata {WORD}", source=f"Adik {WORD}", by=world.relawan)
    plan = follow_ups.schedule(
        case=case, title=f"Telepon {WORD}", due_at=now + timedelta(hours=4), owner=world.relawan, by=world.relawan
    )
    done = follow_ups.schedule(
        case=case, title=f"Antar {WORD}", due_at=now + timedelta(hours=5), owner=world.relawan, by=world.relawan
    )
    follow_ups.finish(follow_up=done, by=world.relawan, note=f"Selesai {WORD}")
    if tells_others:
        offer = carrying.offer(
            case=case, to=world.relawan2, next_step=f"Jenguk {WORD}", reason=f"Sakit {WORD}", by=world.relawan
        )
        carrying.decline(handover=offer, by=world.relawan2, note=f"Tidak bisa {WORD}")
        shares.share(case=case, to=world.koordinator, reason=f"Bantu {WORD}", by=world.relawan)
    case.refresh_from_db()
    editing.edit(case=case, changes={"title": f"Judul baru {WORD}"}, version=case.version, by=world.relawan)
    Attachment.objects.create(
        case=case, kind="photo", title=f"Surat {WORD}", stored_name=str(uuid4()), content_type="image/jpeg", size=1,
        sha256_received="a", sha256_stored="b", uploaded_at=now, uploaded_by=world.relawan,
    )  # fmt: skip
    clock = clocks.start(case=case, rule=Rule.objects.get(code="K26"), by=world.relawan, started_at=now)
    if clock.state == Clock.State.RUNNING:
        clocks.pause(clock=clock, reason=f"Menunggu {WORD}", caused_by="employer", by=world.relawan)
    clocks.waive(clock=clock, reason=f"Tak perlu {WORD}", by=world.relawan)
    Attempt.objects.create(
        **common, at=now, answer="full", reason=f"Penuh {WORD}", officer=f"Bu {WORD}", officer_role=f"Karu {WORD}"
    )
    Letter.objects.create(
        **common, office=f"Dinas {WORD}", our_reference=f"1 {WORD}", their_reference=f"2 {WORD}", subject=f"Perihal {WORD}", text=f"Isi {WORD}", answer=f"Jawab {WORD}",
        content=f"Muatan {WORD}",
    )  # fmt: skip
    Commitment.objects.create(
        **common, desk=case.desk, party=f"Pihak {WORD}", where=f"Ruang {WORD}", condition=f"Bila {WORD}",
        official_role=f"Kabid {WORD}", text=f"Janji {WORD}", official=f"Pak {WORD}", proof_note=f"Bukti {WORD}",
        end_note=f"Akhir {WORD}",
    )  # fmt: skip
    MoneyLine.objects.create(
        **common,
        kind="bill",
        amount=1,
        proof_note=f"Kuitansi {WORD}",
        payer=f"Dari {WORD}",
        payee=f"Ke {WORD}",
        note=f"Untuk {WORD}",
    )
    CasePaper.objects.create(
        **common,
        name=f"KTP {WORD}",
        issuer=f"Lurah {WORD}",
        state_at=now,
        holder=f"Pegang {WORD}",
        reference=f"No {WORD}",
        note=f"Ket {WORD}",
    )
    CaseCount.objects.create(**common, what="affected", what_text=f"Jiwa {WORD}", number=3, source=f"Menurut {WORD}")
    CasePartner.objects.create(**common, name=f"LBH {WORD}", task=f"Tugas {WORD}", contact=f"Kontak {WORD}")
    Consent.objects.create(**common, purpose="help", is_given=True, stated_at=now, note=f"Setuju {WORD}")
    CaseBar.objects.create(**common, organisation=world.other_desk, reason=f"RS {WORD}")
    PayerDecision.objects.create(**common, chosen="jkn", reason=f"Bayar {WORD}")
    CoverCheck.objects.create(**common, stated_at=now, source=f"Cek {WORD}", note=f"Kartu {WORD}")
    case.refresh_from_db()
    assert plan.state == "open"
    return case


@pytest.fixture
def full(world):
    return make_full(world)


class TestCipher:
    def test_every_table_that_says_something_is_filled_above(self, full):
        empty = [
            model.__name__
            for model, way in restriction.models_of_a_case().items()
            if not model._base_manager.filter(**{way: full.pk}).exists()
        ]
        assert empty == []

    def test_every_text_of_a_case_can_be_sealed(self):
        """A new column of free text fails here until it is a SealableTextField."""
        coded = {"initials", "uuid", "number", "stored_name", "content_type", "sha256_received", "sha256_stored"}
        for model in [Case, *restriction.models_of_a_case()]:
            name = model._meta.model_name
            texts = {
                field.name
                for field in model._meta.concrete_fields
                if isinstance(field, models.CharField | models.TextField)
                and field not in sealable_fields(model)
                and not field.choices
                and type(field).__name__ != "EncryptedTextField"
            }
            ours = {
                "case": {"diagnosis_hash", "next_actor_name"},
                "payerdecision": {"chosen"},
                "covercheck": {"class_of_right"},
            }
            assert texts - coded - ours.get(name, set()) == set(), name

    def test_no_word_of_it_stands_in_the_database(self, world, full):
        assert len(raw_rows()) > 50
        restriction.restrict(
            case=full, reason="hiv", by=world.relawan, people=[world.koordinator], note=f"Minta {WORD}"
        )
        assert raw_rows() == []

    def test_who_may_open_it_reads_it_as_before(self, world, full):
        before = told(full)
        restriction.restrict(case=full, reason="hiv", by=world.relawan)
        after = told(full)
        assert {key: after[key] for key in before} == before

    def test_lifting_brings_everything_back_unchanged(self, world, full):
        before, raw = told(full), sorted(raw_rows())
        share = CaseShare.objects.get(case=full)
        restriction.restrict(case=full, reason="hiv", by=world.relawan)
        restriction.lift(case=full, by=world.relawan, note="Sudah boleh")
        after = told(full)
        assert {key: after[key] for key in before} == before
        assert sorted(raw_rows()) == raw
        share.refresh_from_db()
        assert share.reason == f"Bantu {WORD}"

    def test_what_is_written_while_it_is_restricted_is_cipher_too(self, world, full):
        restriction.restrict(case=full, reason="violence", by=world.relawan)
        stale = Case.objects.get(pk=full.pk)
        stale.is_restricted = False  # opened before somebody restricted it
        now = timezone.now()
        facts.tell(
            case=stale,
            type=EventType.objects.get(code="note"),
            by=world.relawan,
            text=f"Baru {WORD}",
            counterpart=f"Suster {WORD}",
        )
        claims.add(case=full, topic=f"Sebab {WORD}", text=f"Versi {WORD}", source=f"Kakak {WORD}", by=world.relawan)
        assert Claim.objects.filter(case=full).count() == 2
        assert len({claim.topic for claim in full.claims.all()}) == 1
        plan = follow_ups.schedule(
            case=full, title=f"Lagi {WORD}", due_at=now + timedelta(hours=3), owner=None, by=world.relawan
        )
        follow_ups.move(follow_up=plan, title=f"Pindah {WORD}", due_at=now + timedelta(hours=6), by=world.relawan)
        follow_ups.finish(follow_up=plan, by=world.relawan, note=f"Hasil {WORD}")
        full.refresh_from_db()
        editing.edit(case=full, changes={"story": f"Kini {WORD}"}, version=full.version, by=world.relawan)
        offer = carrying.offer(
            case=full, to=world.relawan2, next_step=f"Besuk {WORD}", reason=f"Cuti {WORD}", by=world.relawan
        )
        carrying.accept(handover=offer, by=world.relawan2)
        shares.share(case=full, to=world.koordinator, reason=f"Lihat {WORD}", by=world.relawan2)
        full.refresh_from_db()
        closing.close(case=full, outcome=Outcome.objects.first(), by=world.relawan2, note=f"Tutup {WORD}")
        closing.reopen(case=full, by=world.relawan2, reason=f"Buka {WORD}")
        assert raw_rows() == []
        assert (
            Event.objects.filter(case=full, type__code=EventCode.EDITED)
            .first()
            .data["story_before"]
            .endswith(f"{WORD} panjang sekali")
        )

    def test_a_case_logged_as_restricted_is_cipher_from_the_first_second(self, world):
        case = intake.open_case(
            by=world.relawan, desk=world.desk, story=f"Ia {WORD}", title=f"Soal {WORD}", place_note=WORD,
            restriction="violence",
        )  # fmt: skip
        assert (case.is_restricted, case.restriction) == (True, "violence")
        assert raw_rows() == []
        assert Case.objects.get(pk=case.pk).story == f"Ia {WORD}"

    def test_codes_and_ids_of_events_stay_findable(self, world, full):
        plan = full.follow_ups.filter(title=f"Telepon {WORD}").get()
        restriction.restrict(case=full, reason="mental", by=world.relawan)
        assert full.events.filter(data__follow_up=str(plan.uuid)).exists()
        event = full.events.get(details__beds=3)
        assert event.typed == {"reason": f"alasan {WORD}", "beds": 3}

    def test_what_looks_like_our_cipher_is_text_like_any_other(self, world, case):
        mark = "\x01sealed:abc"
        event = timeline.record(case, EventCode.NOTE, by=world.relawan, text=mark, data={"title": mark})
        event.refresh_from_db()
        assert (event.text, event.data["title"]) == ("abc", "abc")

    def test_every_update_of_a_text_says_whether_it_is_sealed(self):
        """`queryset.update` does not ask the row: a service that writes a text so gives it through `timeline.said`."""
        names = {field.name for model in [Case, *restriction.models_of_a_case()] for field in sealable_fields(model)}
        wrong = []
        for path in Path("cases/services").glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "update"):
                    continue
                for word in node.keywords:
                    said = isinstance(word.value, ast.Call) and getattr(word.value.func, "attr", "") == "said"
                    said = said or getattr(getattr(word.value, "func", None), "id", "") == "said"
                    if (
                        word.arg in names
                        and not said
                        and not (isinstance(word.value, ast.Constant) and word.value.value == "")
                    ):
                        wrong.append(f"{path}:{node.lineno} {word.arg}")
        assert wrong == []


class TestOutOfEverything:
    @pytest.fixture
    def restricted(self, world, full):
        restriction.restrict(case=full, reason="hiv", by=world.relawan)
        CaseShare.objects.filter(case=full).update(until_at=timezone.now())
        full.refresh_from_db()
        return full

    def test_nobody_but_who_is_named(self, world, restricted):
        for user in User.objects.exclude(pk=world.relawan.pk):
            for permission in Permission:
                assert not Case.objects.permitted(user, permission).filter(pk=restricted.pk).exists(), user

    def test_search_finds_it_by_its_number_alone(self, world, restricted):
        assert search.find(world.relawan, restricted.number).cases == [restricted]
        assert search.find(world.relawan, WORD).cases == []
        assert search.find(world.koordinator, restricted.number).cases == []

    def test_it_is_no_hint_not_even_to_who_carries_it(self, world, restricted):
        clues = duplicates.clues_of(story=f"Cerita {WORD} panjang sekali", names=["Siti Rahmawati"])
        Case.objects.filter(pk=restricted.pk).update(place=world.place, initials="S.R.")
        clues = duplicates.clues_of(story="x" * 30, names=["Siti Rahmawati"], place=world.place)
        assert duplicates.find(world.relawan, clues) == []
        assert duplicates.find(world.koordinator, clues) == []

    def test_boards_lists_and_figures_do_not_count_it(self, world, restricted):
        now = timezone.now()
        found = board.of_coordinator(world.koordinator, now=now)
        assert found.counts["open"] == 0
        assert [user.carried for user in found.load if user == world.relawan] == [0]
        mine = Case.objects.permitted(world.koordinator, Permission.CASE_VIEW)
        assert set(case_list.counts(mine, world.koordinator, now=now).values()) == {0}
        counted = Case.objects.permitted(world.pimpinan, Permission.FIGURES_VIEW)
        assert set(figures.counts(counted, figures.thirty_days(now, "Asia/Jakarta")).values()) == {0}
        other = make_case(desk=world.desk, by=world.koordinator)
        assert carrying.candidates(other, now=now).get(pk=world.relawan.pk).carried == 0

    def test_its_rows_are_404_for_the_coordinator(self, world, restricted, as_user):
        client = as_user(world.koordinator)
        for name in ("cases:case-detail", "cases:restriction", "cases:share", "cases:consents", "cases:timeline"):
            assert client.get(reverse(name, args=[restricted.uuid])).status_code == 404

    def test_messages_that_wait_for_others_are_called_off(self, world, full):
        follow_ups.schedule(
            case=full, title="x", due_at=timezone.now() + timedelta(hours=1), owner=None, by=world.relawan
        )
        Message.objects.create(
            recipient=world.koordinator_atas, channel="email", key="k", kind="nudge", about=full.about,
            not_before=timezone.now(),
        )  # fmt: skip
        restriction.restrict(case=full, reason="hiv", by=world.relawan)
        assert Message.objects.get(recipient=world.koordinator_atas, key="k").state == "cancelled"


class TestActs:
    def test_a_coordinator_who_restricts_stays_named(self, world, case):
        restriction.restrict(case=case, reason="hiv", by=world.koordinator)
        may = Case.objects.permitted(world.koordinator, Permission.CASE_ASSIGN)
        assert may.filter(pk=case.pk).exists()
        assert not Case.objects.permitted(world.koordinator_atas, Permission.CASE_VIEW).filter(pk=case.pk).exists()

    def test_restricting_twice_changes_nothing_and_another_reason_does(self, world, case):
        restriction.restrict(case=case, reason="hiv", by=world.relawan)
        lines = case.events.count()
        restriction.restrict(case=case, reason="hiv", by=world.relawan)
        assert case.events.count() == lines
        assert restriction.restrict(case=case, reason="mental", by=world.relawan).restriction == "mental"

    @pytest.mark.parametrize("reason", ["", "gosip"])
    def test_without_a_known_reason_nothing_happens(self, world, case, reason):
        with pytest.raises(Refused):
            restriction.restrict(case=case, reason=reason, by=world.relawan)
        case.refresh_from_db()
        assert not case.is_restricted

    def test_lifting_needs_a_reason_and_happens_once(self, world, case):
        restriction.restrict(case=case, reason="hiv", by=world.relawan)
        with pytest.raises(Refused):
            restriction.lift(case=case, by=world.relawan, note=" ")
        restriction.lift(case=case, by=world.relawan, note="Keluarga minta dibuka")
        restriction.lift(case=case, by=world.relawan, note="Keluarga minta dibuka")
        assert case.events.filter(type__code=EventCode.UNRESTRICTED).count() == 1

    def test_what_it_costs_does_not_grow_with_the_rows(self, world, case, django_assert_max_num_queries):
        for at in range(30):
            timeline.record(case, EventCode.NOTE, by=world.relawan, text=f"Baris {at}")
        with django_assert_max_num_queries(70):
            restriction.restrict(case=case, reason="hiv", by=world.relawan)


class TestPage:
    def url(self, case):
        return reverse("cases:restriction", args=[case.uuid])

    def test_restrict_name_somebody_and_lift(self, world, case, as_user):
        client = as_user(world.relawan)
        page = client.get(self.url(case))
        assert page.status_code == 200
        response = client.post(
            self.url(case), {"restriction": "hiv", "people": [str(world.relawan2.uuid)], "note": "Permintaan pasien"}
        )
        assert response.status_code == 302
        case.refresh_from_db()
        assert case.is_restricted
        assert Case.objects.permitted(world.relawan2, Permission.CASE_WORK).filter(pk=case.pk).exists()
        page = client.get(self.url(case)).content.decode()
        assert "Yoga Pratama" in page
        bad = client.post(self.url(case), {"act": "lift", "lift-note": ""})
        assert bad.status_code == 200
        assert "k-bad" in bad.content.decode()
        client.post(self.url(case), {"act": "lift", "lift-note": "Sudah tidak perlu"})
        case.refresh_from_db()
        assert not case.is_restricted

    def test_somebody_of_another_desk_is_found_by_name(self, world, case, as_user):
        page = as_user(world.relawan).post(self.url(case), {"restriction": "hiv", "words": "Tono", "search": "1"})
        assert "Tono Kusuma" in page.content.decode()
        case.refresh_from_db()
        assert not case.is_restricted

    def test_bad_input_keeps_what_was_typed(self, world, case, as_user):
        page = as_user(world.relawan).post(self.url(case), {"note": "Catatan saya", "people": ["tidak-ada"]})
        assert page.status_code == 200
        assert "Catatan saya" in page.content.decode()
        case.refresh_from_db()
        assert not case.is_restricted

    def test_a_closed_case_can_be_restricted_too(self, world, case, as_user):
        closing.close(case=case, outcome=Outcome.objects.first(), by=world.relawan)
        as_user(world.relawan).post(self.url(case), {"restriction": "hiv"})
        case.refresh_from_db()
        assert case.is_restricted

    def test_the_quick_log_and_the_edit_page_take_the_reason_too(self, world, case, as_user):
        client = as_user(world.relawan)
        data = {"submit_key": uuid4(), "reporter_is": "unknown", "story": f"Ia {WORD}", "restriction": "violence"}
        response = client.post(reverse("cases:quick-log"), {**data, "carry": "desk"})
        logged = Case.objects.get(restriction="violence")
        assert response.url == reverse("cases:logged", args=[logged.uuid])
        assert client.get(response.url).status_code == 200
        assert raw_rows() == []
        edit = reverse("cases:case-edit", args=[case.uuid])
        form = client.get(edit).context["form"]
        values = {name: form[name].value() for name in form.fields if form[name].value() not in (None, [])}
        assert client.post(edit, {**values, "restriction": "mental"}).status_code == 302
        case.refresh_from_db()
        assert (case.is_restricted, case.restriction) == (True, "mental")
        client.post(edit, {**values, "restriction": ""})
        case.refresh_from_db()
        assert case.is_restricted  # lifting asks why, on its own page

    def test_who_only_works_on_it_may_not(self, world, case, as_user):
        helper = make_user("penolong", role="advocate", at=world.desk)
        shares.share(case=case, to=helper, reason="Bantu", by=world.relawan)
        client = as_user(helper)
        assert client.get(reverse("cases:case-detail", args=[case.uuid])).status_code == 200
        assert client.get(self.url(case)).status_code == 404
        assert client.post(self.url(case), {"restriction": "hiv"}).status_code == 404
