"""The lists beside the list of cases: page, count and file say the same, to everybody only their own."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from cases.forms import lists
from cases.models import Attempt, Case, CaseBar, CasePaper, CaseShare, Clock, Letter, PaperType, Rule
from cases.reports import lists as report
from cases.rules.commitments import Terms
from cases.rules.registers import Answer
from cases.services import commitments, follow_ups, restriction
from members.models import AccessLog, Gathering
from tests.factories import make_body, make_case

pytestmark = pytest.mark.django_db
NOW = timezone.now()
PAGES = {
    "/tindak-lanjut/?siapa=semua": "Telepon IGD",
    "/tenggat/": "K26",
    "/faskes-ditanya/": "RSUD Cempaka Raya",
    "/berkas-perlu/": "Surat RT",
    "/janji/": "Kamar malam ini",
    "/surat/": "Dinas Kesehatan",
}


def fill(case, by, *, number=0):
    """One row of each list on a case."""
    follow_ups.schedule(
        case=case, title="Telepon IGD", due_at=NOW + timedelta(hours=3 + number), owner=case.assignee, by=by, now=NOW
    )
    common = {"case": case, "logged_at": NOW, "logged_by": by}
    Clock.objects.create(
        rule=Rule.objects.get(code="K26"), obliged="employer", zone=case.zone, started_at=NOW - timedelta(days=3),
        due_at=NOW + timedelta(hours=number - 1), **common,
    )  # fmt: skip
    Attempt.objects.create(body=case.place, at=NOW - timedelta(hours=number), answer="full", reason="Penuh", **common)
    CasePaper.objects.create(name="Surat RT", issuer="Ketua RT", state_at=NOW, **common)
    Letter.objects.create(office="Dinas Kesehatan", state="sent", sent_at=NOW - timedelta(days=20), **common)
    commitments.promise(
        case=case, desk=case.desk, text="Kamar malam ini", body=case.place, terms=Terms("date", due_at=NOW + timedelta(days=2)),
        by=by, now=NOW,
    )  # fmt: skip


@pytest.fixture
def filled(world, case):
    fill(case, world.relawan)
    return case


def file_of(client, address, kind="csv"):
    answer = client.get(f"{address}{'&' if '?' in address else '?'}berkas={kind}")
    assert answer.status_code == 200
    return answer


def numbers_in(answer) -> list[str]:
    return [row[0] for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")][1:]


@pytest.mark.parametrize("address", PAGES)
def test_a_list_shows_its_rows_by_case_number_to_those_who_may_open_them(world, filled, as_user, address):
    for who, sees in (("relawan", True), ("koordinator", True), ("koordinator_atas", True), ("outsider", False)):
        client = as_user(getattr(world, who))
        page = client.get(address)
        assert page.status_code == 200
        assert (filled.number in page.text or PAGES[address] in page.text) == sees
        assert "Siti Rahmawati" not in page.text
        assert set(numbers_in(file_of(client, address))) == ({filled.number} if sees else set())


@pytest.mark.parametrize("address", PAGES)
def test_nothing_of_a_restricted_or_hidden_case_is_listed(world, filled, as_user, address):
    Case.objects.filter(pk=filled.pk).update(is_restricted=True)
    assert numbers_in(file_of(as_user(world.koordinator), address)) == []
    Case.objects.filter(pk=filled.pk).update(is_restricted=False)
    CaseBar.objects.create(case=filled, organisation=world.desk, logged_at=NOW)
    assert numbers_in(file_of(as_user(world.koordinator), address)) == []


@pytest.mark.parametrize("address", PAGES)
def test_a_list_costs_the_same_however_long(world, filled, as_user, address):
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        return len(asked)

    client = as_user(world.koordinator)
    client.get(address)
    one = cost()
    for number in range(1, 6):
        row = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, place=world.place)
        fill(row, world.relawan, number=number)
    assert cost() <= one <= 34


def test_a_file_is_logged_holds_no_words_of_anybody_and_wants_a_fresh_sign_in(world, filled, as_user, settings):
    client = as_user(world.koordinator)
    book = load_workbook(io.BytesIO(file_of(client, "/tindak-lanjut/?siapa=semua", "xlsx").content))
    cells = [str(cell.value) for row in book.active.iter_rows() for cell in row]
    assert filled.number in cells
    assert not any("Telepon IGD" in cell or "Siti" in cell for cell in cells)
    assert len(cells) > 8
    row = AccessLog.objects.filter(action="export").latest("pk")
    assert (row.user, row.object_kind, row.hits) == (world.koordinator, "tindak-lanjut", filled.follow_ups.count())
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    answer = client.get("/tindak-lanjut/?berkas=csv")
    assert answer.status_code == 302
    assert answer.url.startswith("/akun/pastikan/?next=/tindak-lanjut/")


def test_file_names_say_nothing_of_anybody(world, filled, as_user):
    for address in PAGES:
        name = file_of(as_user(world.relawan), address)["Content-Disposition"]
        assert filled.initials not in name
        assert filled.number not in name


def test_an_obstacle_that_waits_stands_under_its_chip(world, filled, as_user):
    client = as_user(world.koordinator)
    assert numbers_in(file_of(client, "/surat/?lihat=kendala")) == []
    Letter.objects.update(kind="obstacle")
    assert numbers_in(file_of(client, "/surat/?lihat=kendala")) == [filled.number]


def test_mine_and_everybodys(world, filled, as_user):
    assert "Telepon IGD" not in as_user(world.koordinator).get("/tindak-lanjut/").text
    assert "Telepon IGD" in as_user(world.koordinator).get("/tindak-lanjut/?siapa=semua").text
    assert "Telepon IGD" in as_user(world.relawan).get("/tindak-lanjut/").text


def test_filters_of_the_papers(world, filled, as_user):
    kind = PaperType.objects.exclude(issuer="").first()
    CasePaper.objects.create(
        case=filled, paper=kind, issuer=kind.issuer, state="asked", state_at=NOW, logged_at=NOW, logged_by=world.relawan
    )
    client = as_user(world.koordinator)
    assert len(numbers_in(file_of(client, "/berkas-perlu/"))) == 2
    assert len(numbers_in(file_of(client, f"/berkas-perlu/?kertas={kind.code}"))) == 1
    assert len(numbers_in(file_of(client, "/berkas-perlu/?lihat=diminta"))) == 1
    assert len(client.get("/berkas-perlu/", {"penerbit": kind.issuer, "berkas": "csv"}).text.splitlines()) == 2
    assert len(numbers_in(file_of(client, "/berkas-perlu/?kertas=tidak-ada&lihat=ngawur"))) == 2


def test_what_each_facility_answers_is_counted_within_the_filters(world, filled, as_user):
    page = as_user(world.koordinator).get("/faskes-ditanya/?lihat=ditolak")
    assert page.context["facilities"][0].turned_away == 1
    assert as_user(world.koordinator).get("/faskes-ditanya/?lihat=diterima").context["facilities"] == []


def test_facilities_are_found_by_words_of_the_reason_or_of_the_answer(world, filled, as_user):
    common = {"case": filled, "body": filled.place, "at": NOW, "logged_at": NOW, "logged_by": world.relawan}
    Attempt.objects.create(answer="refused", reason="Kartu tidak aktif", **common)
    Attempt.objects.create(answer="accepted", reason="", **common)
    client = as_user(world.koordinator)
    for words, found in (("TIDAK aktif", 1), ("penuh", 1), ("diterima", 1), ("ada apa", 0), ("", 3)):
        address = f"/faskes-ditanya/?alasan={words}"
        assert len(numbers_in(file_of(client, address))) == found, words
        assert len(client.get(address).context["rows"]) == found
    page = client.get("/faskes-ditanya/?alasan=3515014107850002")
    assert "Jangan tulis nomor orang" in page.content.decode() and len(page.context["rows"]) == 3


def test_the_reason_of_a_restricted_case_is_not_searched(world, filled, as_user):
    """Its reason is cipher: neither the words nor letters of the cipher find it, only its answer does."""
    Attempt.objects.filter(case=filled).update(reason="Kartu mati")
    restriction.restrict(case=filled, reason="hiv", by=world.relawan)
    client, label = as_user(world.relawan), str(Answer.FULL.label).lower()
    assert "Kartu mati" in client.get("/faskes-ditanya/").text
    for words in ("mati", "kartu", *(letter for letter in "bcdefgjqvwxyz=_-0" if letter not in label)):
        assert not client.get("/faskes-ditanya/", {"alasan": words}).context["rows"], words
    assert len(client.get("/faskes-ditanya/", {"alasan": "penuh"}).context["rows"]) == 1


def test_promises_leave_with_their_words_and_without_names(world, filled, as_user):
    text = "Siti Rahmawati dan suaminya Joko dapat kamar malam ini, hubungi 081234567890"
    terms = Terms("date", due_at=NOW + timedelta(days=1))
    commitments.promise(
        case=filled, desk=filled.desk, text=text, body=filled.place, terms=terms, by=world.relawan, now=NOW
    )
    told = file_of(as_user(world.koordinator), "/janji/").content.decode()
    assert "dapat kamar malam ini" in told and "Kamar malam ini" in told
    for secret in ("Siti", "Rahmawati", "Joko", "81234567890"):
        assert secret not in told
    Case.objects.filter(pk=filled.pk).update(is_restricted=True)
    CaseShare.objects.create(case=filled, user=world.koordinator, from_at=NOW, shared_by=world.relawan)
    assert "amar malam ini" not in file_of(as_user(world.koordinator), "/janji/").content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_list_tile_and_file_agree_under_each_order(world, filled, as_user, address):
    """And the order is another one: by case number the later case is last, however old it is."""
    for number in (1, 2):
        row = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, place=make_body(f"RS {9 - number}"))
        fill(row, world.relawan, number=-number)
    client, orders = as_user(world.koordinator), {}
    form = client.get(address).context["filters"]
    for key, _word in form.fields["urut"].choices:
        asked = f"{address}{'&' if '?' in address else '?'}urut={key}"
        page = client.get(asked)
        shown = [row.case.number for row in page.context["filters"].shown()[:25]]
        assert [number_on(row) for row in page.context["rows"]] == shown
        assert next(chip.count for chip in page.context["chips"] if chip.on) == str(len(shown))
        assert numbers_in(file_of(client, asked)) == shown
        assert f"urut={key}" in page.context["chips"][1].url or not key
        orders[key] = shown
    assert orders["kasus"] == sorted(orders["kasus"])
    assert len({tuple(shown) for shown in orders.values()}) > 1
    assert client.get(address + "?urut=ngawur").status_code == 200


def number_on(row) -> str:
    """The case number on a line, a commitment or a letter of a page."""
    if hasattr(row, "number"):
        return row.number.split(" · ")[0]
    return (row.row if hasattr(row, "row") else row.letter).case.number


def test_promises_of_one_meeting_alone(world, filled, as_user):
    """``?acara=`` through the page: the meeting is named to who may see it, and page, chips and file narrow alike."""
    meeting = Gathering.objects.create(kind="audience", title="Audiensi RSUD", held_on=timezone.localdate())
    meeting.organisers.add(world.desk)
    terms = Terms("date", due_at=NOW + timedelta(days=1))
    commitments.promise(
        case=None, desk=world.desk, text="Tempat tidur", body=world.place, terms=terms, by=world.koordinator, now=NOW,
        gathering=meeting,
    )  # fmt: skip
    client, address = as_user(world.koordinator), f"/janji/?acara={meeting.uuid}"
    page = client.get(address)
    assert [each.row.text for each in page.context["rows"]] == ["Tempat tidur"]
    assert page.context["chips"][0].count == "1" and f"acara={meeting.uuid}" in page.context["chips"][1].url
    assert "Audiensi RSUD" in page.content.decode()
    assert "Tempat tidur" in file_of(client, address).text and len(numbers_in(file_of(client, address))) == 1
    assert f'name="acara" value="{meeting.uuid}"' in page.content.decode()
    assert len(client.get("/janji/?acara=ngawur").context["rows"]) == 2
    assert len(client.get(f"/janji/?acara={world.place.uuid}").context["rows"]) == 0
    stranger = as_user(world.outside_koordinator).get(address)
    assert "Audiensi RSUD" not in stranger.content.decode() and not stranger.context["rows"]


FORMS = [
    lists.FollowUpListForm, lists.ClockListForm, lists.AttemptListForm, lists.PaperListForm, lists.LetterListForm,
    lists.CommitmentListForm,
]  # fmt: skip


@pytest.mark.parametrize("form_class", FORMS)
@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_list_count_and_file_agree_under_any_filter_and_for_everybody(world, filled, form_class, data):
    user = getattr(
        world, data.draw(st.sampled_from(["relawan", "koordinator", "koordinator_atas", "outsider", "pimpinan"]))
    )
    blank = form_class({}, user=user, now=NOW)
    chosen = {"lihat": data.draw(st.sampled_from([*form_class.VIEWS, "ngawur"]))}
    for name, field in blank.fields.items():
        if hasattr(field, "choices"):
            chosen[name] = data.draw(st.sampled_from([*[key for key, _word in field.choices], "ngawur"]))
        elif name in {"dari", "sampai"}:
            days = data.draw(st.sampled_from([None, -30, -1, 0, 1, 30]))
            chosen[name] = "" if days is None else f"{NOW + timedelta(days=days):%Y-%m-%d}"
    form = form_class(chosen, user=user, now=NOW)
    shown = list(form.shown())
    assert len(shown) == form.counts()[form.view]
    assert len(list(report.table(form.shown(), by=user, now=NOW).rows)) == len(shown)
    for row in shown:
        assert row.case is None or Case.objects.permitted(user, "case_view").filter(pk=row.case_id).exists()
