"""Figures: each against a count made by hand, an independent count in plain Python, the list behind it, and no leak."""

import csv
import io
from collections import Counter
from datetime import date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from cases.models import Attempt, Case, Clock, Commitment, Event, EventType, MoneyLine, Outcome, ProblemType, Rule
from cases.reports import figures
from cases.reports.breakdowns import CHOOSABLE, breakdown
from cases.reports.figures import FIGURES, Kind, Period
from cases.services import attempts
from members.models import AccessLog, Body, Employment, Membership, Person, Sector, VolunteerProfile
from members.reports.tables import Kind as Cells
from members.rules.roles import Permission, Role
from tests.factories import make_body, make_case, make_organisation, make_user

pytestmark = pytest.mark.django_db
ZONE = "Asia/Jakarta"
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo(ZONE))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30), ZONE, NOW)


def at(day, hour=9, month=11):
    return datetime(2026, month, day, hour, tzinfo=ZoneInfo(ZONE))


def made(world, day=5, *, month=11, closed=None, outcome="rights_met", **fields):
    case = make_case(
        desk=fields.pop("desk", world.desk), by=world.relawan, now=at(day, month=month), patient="", **fields
    )
    if closed:
        Case.objects.filter(pk=case.pk).update(
            status="closed", closed_at=closed, outcome=Outcome.objects.get(code=outcome)
        )
        case.refresh_from_db()
    return case


def fact(case, code, moment, **fields):
    return Event.objects.create(
        case=case, type=EventType.objects.get(code=code), happened_at=moment, logged_at=moment, **fields
    )


def all_cases(world):
    return Case.objects.permitted(world.koordinator_atas, Permission.FIGURES_VIEW)


def number(code, world, period=NOVEMBER):
    cases = all_cases(world)
    match FIGURES[code].kind:
        case Kind.CASES:
            return figures.counts(cases, period, [code])[code]
        case Kind.ROWS:
            return figures.rows(code, cases, period)
        case Kind.MONEY:
            return figures.rupiah(code, cases, period)
    return figures.times(code, cases, period)


def behind(code, world):
    return set(figures.behind(code, all_cases(world), NOVEMBER).values_list("pk", flat=True))


class TestByHand:
    def test_new(self, world):
        rows = [made(world, 1), made(world, 30)]
        made(world, 31, month=10)
        assert number("baru", world) == 2
        assert behind("baru", world) == {row.pk for row in rows}

    def test_the_day_is_that_of_the_reader(self, world):
        case = made(world, 1)
        Case.objects.filter(pk=case.pk).update(created_at=at(1, 0))  # 31 October in UTC
        assert number("baru", world) == 1

    def test_open_at_the_end(self, world):
        made(world, 1)
        made(world, 1, month=9, closed=at(2, month=12))
        made(world, 1, closed=at(30, 23))
        made(world, 1, month=12)
        assert number("terbuka", world) == 2

    def test_closed_and_outcomes_apart(self, world):
        for outcome, times in [("rights_met", 3), ("discretion", 2), ("not_obtained", 1), ("void", 1)]:
            for _time in range(times):
                made(world, 1, month=9, closed=at(7), outcome=outcome)
        made(world, 1, month=9, closed=at(7, month=10))
        assert number("ditutup", world) == 7
        assert [number(code, world) for code in figures.OUTCOMES] == [3, 2, 1]

    def test_the_dead_stay_in_every_number(self, world):
        case = made(world, 2, closed=at(9), outcome="not_obtained")
        Case.objects.filter(pk=case.pk).update(died_at=at(8))
        assert [number(code, world) for code in ("meninggal", "baru", "ditutup", "tidak-diperoleh")] == [1, 1, 1, 1]

    def test_who_was_helped(self, world):
        for membership in ["member", "member", "family", "public", "", "", ""]:
            made(world, membership=membership)
        assert [number(code, world) for code in figures.HELPED] == [2, 1, 1, 3]

    def test_refusals_are_counted_each_and_not_when_corrected(self, world):
        case = made(world)
        first = fact(case, "refused", at(6))
        fact(case, "refused", at(7))
        fact(case, "note", at(6), corrects=first)
        fact(made(world), "refused", at(7, month=10))
        assert number("penolakan", world) == figures.Rows(1, 1)

    def test_refusals_by_facility_and_answer(self, world):
        case, other = made(world, place=world.place), make_body("RS Melati")
        for answer in ("full", "refused", "accepted"):
            attempts.ask(case=case, answer=answer, by=world.relawan, body=other, at=at(6), now=at(6))
        fact(case, "refused", at(8))
        found = figures.refusals_by_facility(all_cases(world), NOVEMBER)
        assert {key: row.rows for key, row in found.items()} == {
            (other.pk, "full"): 1,
            (other.pk, "refused"): 1,
            (world.place.pk, ""): 1,
        }

    def test_clocks_met_and_missed(self, world):
        case = made(world)

        def clock(due, state, ended=None, obliged="facility"):
            rule = Rule.objects.exclude(clocks__case=case).first()
            Clock.objects.create(
                case=case, rule=rule, obliged=obliged, started_at=at(1), zone=ZONE, due_at=due, state=state,
                ended_at=ended, logged_at=at(1),
            )  # fmt: skip

        clock(at(5), "stopped", at(5))
        clock(at(5), "stopped", at(5, 10))
        clock(at(10), "running", obliged="bpjs_tk")
        clock(at(25), "running")  # still to come
        clock(at(5), "waived", at(9))
        clock(at(5, month=10), "running")
        assert number("tenggat-terpenuhi", world) == figures.Rows(1, 1)
        assert number("tenggat-lewat", world) == figures.Rows(2, 1)
        assert figures.clocks_by_side(all_cases(world), NOVEMBER) == {
            "facility": (figures.Rows(1, 1), figures.Rows(1, 1)),
            "bpjs_tk": (figures.Rows(0, 0), figures.Rows(1, 1)),
        }

    def test_promises(self, world):
        case = made(world)
        for state, ended in [
            ("kept", at(5)),
            ("kept", at(6)),
            ("late", at(6)),
            ("broken", at(7)),
            ("kept", at(6, month=10)),
        ]:
            Commitment.objects.create(
                case=case, desk=world.desk, text="Kamar", state=state, ended_at=ended, logged_at=at(1)
            )
        found = [number(code, world).rows for code in ("janji-ditepati", "janji-terlambat", "janji-ingkar")]
        assert found == [2, 1, 1]

    def test_times_are_the_middle_and_the_ninth_of_ten(self, world):
        for hours in range(1, 11):
            case = made(world, 2)
            fact(case, "got_room", at(2) + timedelta(hours=hours))
            fact(case, "got_room", at(2) + timedelta(hours=hours + 50))
        early = made(world, 9)
        fact(early, "got_room", at(8))  # before anybody told us
        fact(made(world, 2), "got_room", at(2, month=12))
        found = number("lama-kamar", world)
        assert (found.half, found.tenth, found.cases) == (timedelta(hours=5), timedelta(hours=9), 10)
        assert len(behind("lama-kamar", world)) == 10

    @pytest.mark.parametrize(("code", "event"), [("lama-kontak", "called"), ("lama-bayar", "benefit_paid")])
    def test_other_times(self, world, code, event):
        case = made(world, 2)
        Case.objects.filter(pk=case.pk).update(reported_at=at(2) - timedelta(hours=4))
        fact(case, event, at(2) + timedelta(hours=3))
        assert number(code, world) == figures.Times(timedelta(hours=7), timedelta(hours=7), 1)

    def test_time_to_closing(self, world):
        made(world, 2, closed=at(4))
        made(world, 2, closed=at(5))
        made(world, 2, closed=at(12))
        assert number("lama-selesai", world) == figures.Times(timedelta(days=3), timedelta(days=10), 3)

    def test_rupiah_without_lines_taken_back(self, world):
        case = made(world)

        def line(kind, amount, **fields):
            return MoneyLine.objects.create(
                case=case, kind=kind, amount=amount, logged_at=at(5), **{"on_date": date(2026, 11, 5), **fields}
            )

        line("recovered", 700)
        line("refunded", 300, on_date=None)
        wrong = line("recovered", 9_000)
        line("recovered", 9_000, takes_back=wrong)
        line("recovered", 50, on_date=date(2026, 10, 5))
        line("claimed", 20)
        line("lost", 30)
        assert number("rupiah-kembali", world) == figures.Rupiah(1000, 1, 1000)
        assert number("rupiah-diklaim", world).amount == 20
        assert number("rupiah-hilang", world).amount == 30

    def test_women_and_young_who_carry(self, world):
        for user, gender, born in [
            (world.relawan, "f", 1995),
            (world.relawan2, "m", 1970),
            (world.koordinator, "f", None),
        ]:
            user.volunteer_profile = (
                type(user)
                ._meta.get_field("volunteer_profile")
                .related_model.objects.create(user=user, gender=gender, born_from=born)
            )
        today = timezone.localdate()
        period = Period(today, today, ZONE, timezone.now())
        assert figures.volunteers(figures.units_of(world.koordinator, opens=True), period) == figures.Volunteers(
            3, 2, 1, 0
        )

    def test_every_figure_has_its_definition_and_no_restricted_case(self, world):
        case = made(world, 2, closed=at(9), membership="member")
        Case.objects.filter(pk=case.pk).update(is_restricted=True, died_at=at(3))
        for code in FIGURES:
            assert str(FIGURES[code].definition).endswith(".")
            assert not behind(code, world), code


class TestBreakdowns:
    def test_by_employer_sector_and_federation(self, world):
        federation = make_organisation("FSP Uji", kind="federation", line="union", is_desk=False)
        plant = make_organisation("PUK Uji", kind="plant_unit", line="union", is_desk=False, parent=federation)
        factory, metal = make_body("PT Baja", kind="employer"), Sector.objects.get(code="metal")
        for n in range(3):
            case = made(world)
            person = Person.objects.create(full_name=f"Orang {n}")
            case.parties.create(role="patient", person=person)
            Employment.objects.create(person=person, employer=factory, sector=metal)
            if n:
                Membership.objects.create(person=person, organisation=plant)
        made(world)
        cases = all_cases(world)

        def groups(by):
            return [(group.label, group.counts) for group in breakdown(cases, NOVEMBER, by, ["baru"]).groups]

        assert groups("perusahaan") == [("PT Baja", (3,))]
        assert groups("sektor") == [(metal.name, (3,))]
        assert groups("federasi") == [("FSP Uji", (2,))]

    def test_the_rest_stands_in_one_line(self, world, monkeypatch):
        monkeypatch.setattr("cases.reports.breakdowns.MOST_GROUPS", 2)
        for n in range(4):
            made(world, place=make_body(f"RS {n}"))
        found = breakdown(all_cases(world), NOVEMBER, "faskes", ["baru"])
        assert (len(found.groups), found.rest) == (2, (2,))


# An independent count, in plain Python, over rows that a machine has made

MOMENTS = st.datetimes(datetime(2026, 9, 25), datetime(2026, 12, 5)).map(
    lambda each: each.replace(tzinfo=ZoneInfo(ZONE))
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "created": MOMENTS,
            "closed_after": st.none() | st.timedeltas(timedelta(0), timedelta(days=40)),
            "outcome": st.sampled_from(["rights_met", "discretion", "not_obtained"]),
            "membership": st.sampled_from(["", "member", "family", "public"]),
            "type": st.sampled_from(["", "A01", "B03", "F01"]),
            "room_after": st.none() | st.timedeltas(timedelta(hours=-5), timedelta(days=20)),
            "far": st.booleans(),
            "restricted": st.booleans(),
        }
    ),
    max_size=14,
)


def build(world, given_rows):
    types = {row.code: row for row in ProblemType.objects.filter(code__in=["A01", "B03", "F01"])}
    for row in given_rows:
        closed = row["created"] + row["closed_after"] if row["closed_after"] is not None else None
        case = made(
            world,
            desk=world.other_desk if row["far"] else world.desk,
            closed=closed,
            outcome=row["outcome"],
            membership=row["membership"],
            problem_type=types.get(row["type"]),
        )
        Case.objects.filter(pk=case.pk).update(created_at=row["created"], is_restricted=row["restricted"])
        if row["room_after"] is not None:
            fact(case, "got_room", row["created"] + row["room_after"])


class Undone(Exception):
    """Ends an example and takes its rows back."""


@hypothesis_settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_an_independent_count_agrees(world, rows):
    try:
        with transaction.atomic():
            build(world, rows)
            seen = [row for row in rows if not row["restricted"]]
            start, end = NOVEMBER.from_at, NOVEMBER.until_at
            closed = [
                (row["created"] + row["closed_after"]) if row["closed_after"] is not None else None for row in seen
            ]
            new = [row for row in seen if start <= row["created"] < end]
            ended = [row for row, when in zip(seen, closed, strict=True) if when and start <= when < end]
            found = figures.counts(all_cases(world), NOVEMBER)
            assert found["baru"] == len(new)
            assert found["ditutup"] == len(ended)
            assert found["terbuka"] == sum(
                row["created"] < end and (when is None or when >= end) for row, when in zip(seen, closed, strict=True)
            )
            assert [found[code] for code in figures.OUTCOMES] == [
                sum(row["outcome"] == code for row in ended) for code in ("rights_met", "discretion", "not_obtained")
            ]
            assert found["untuk-masyarakat"] == sum(row["membership"] == "public" for row in new)
            took = sorted(
                row["room_after"]
                for row in seen
                if row["room_after"] is not None
                and row["room_after"] >= timedelta(0)
                and start <= row["created"] + row["room_after"] < end
            )
            times = number("lama-kamar", world)
            assert times.cases == len(took)
            if took:
                assert times.half == took[ceil(len(took) / 2) - 1]
                assert times.tenth == took[ceil(len(took) * 9 / 10) - 1]
            groups = breakdown(all_cases(world), NOVEMBER, "jenis", ["baru"]).groups
            assert {group.value: group.counts[0] for group in groups} == dict(
                Counter(row["type"] or "-" for row in new)
            )
            raise Undone
    except Undone:
        pass


WHO = ["koordinator", "koordinator_atas", "outside_koordinator", "pimpinan", "both"]
ADDRESSES = st.fixed_dictionaries(
    {
        "who": st.sampled_from(WHO),
        "periode": st.sampled_from(["bulan", "30", "triwulan", "tahun"]),
        "bagi": st.sampled_from(CHOOSABLE),
        "masalah": st.sampled_from(["", "A", "F"]),
        "anggota": st.sampled_from(["", "member", "belum-tahu"]),
        "sorot": st.sampled_from(["", "perempuan"]),
        "dari": st.sampled_from(["", "2026-10-03"]),
    }
)


@hypothesis_settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, asked=ADDRESSES)
def test_list_tile_picture_and_file_say_the_same(world, client, time_stands, rows, asked):
    """Under random filters and as every role; where there is no list there is no link either."""
    try:
        with transaction.atomic():
            cache.clear()
            user = getattr(world, asked["who"], None) or make_user(role=Role.LEADER, at=world.dpn)
            if asked["who"] == "both":
                user.appointments.create(role=Role.COORDINATOR, organisation=world.desk, from_on=date(2026, 1, 1))
            build(world, rows)
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            query = {name: value for name, value in asked.items() if value and name != "who"}
            page = client.get("/angka/", query)
            assert page.status_code == 200
            book = load_workbook(io.BytesIO(client.get("/angka/berkas/", {**query, "bentuk": "xlsx"}).content))
            opens = page.context["reader"].opens
            for section, sheet in zip(page.context["sections"], book.worksheets, strict=True):
                text = client.get("/angka/berkas/", {**query, "bentuk": "csv", "tabel": section.code})
                lines = list(csv.reader(io.StringIO(text.getvalue().decode("utf-8-sig")), delimiter=";"))
                for at_row, (cells, row) in enumerate(zip(section.cells, section.table.rows, strict=True), 1):
                    assert len(cells) == len(lines[at_row]) == len(row)
                    for at_column, cell in enumerate(cells[1:], 1):
                        value = row[at_column]
                        if isinstance(value, int):
                            assert lines[at_row][at_column] == str(value)
                            assert sheet.cell(at_row + 1, at_column + 1).value == value
                        if cell.url:
                            assert opens
                            assert listed(client, cell.url) == as_cases(section, value, cells)
                if section.chart and section.code == "kelompok":
                    drawn = {bar.label: bar.cell.text for bar in section.chart.bars}
                    assert drawn.items() <= {cells[0].text: cells[1].text for cells in section.cells}.items()
            for tile in page.context["tiles"]:
                assert not tile.cell.url or str(listed(client, tile.cell.url)) == tile.cell.text
            raise Undone
    except Undone:
        pass


def listed(client, url):
    page = client.get(url)
    if url.startswith("/angka/relawan/"):
        return page.context["page_obj"].paginator.count
    return next(int(chip.count) for chip in page.context["chips"] if chip.on)


def as_cases(section, value, cells):
    """What a list of cases must hold: of rows, the cases they are of."""
    return int(cells[-1].text) if section.code in {"waktu", "janji", "rupiah"} else value


@pytest.fixture
def time_stands(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def test_a_list_behind_clocks_and_refusals(world, as_user, time_stands):
    case = made(world, place=world.place)
    fact(case, "refused", at(6))
    fact(case, "refused", at(7))
    page = as_user(world.koordinator).get("/angka/")
    section = next(each for each in page.context["sections"] if each.code == "penolakan")
    assert section.cells[0][0].url == f"/lembaga/{world.place.uuid}/"
    assert section.cells[0][1].text == "2"
    assert listed(as_user(world.koordinator), section.cells[0][1].url) == 1


@pytest.fixture
def told_of(world):
    """A case with a number in every table: refusals with and without an answer, money, times, promises, who carries."""
    case = made(world, 2, place=world.place, problem_type=ProblemType.objects.get(code="A01"))
    for answer in ("full", "refused"):
        attempts.ask(case=case, answer=answer, by=world.relawan, body=world.place, at=at(6), now=at(6))
    fact(case, "refused", at(8))
    for code in ("called", "got_room", "paid"):
        fact(case, code, at(7))
    fact(made(world), "refused", at(8))
    for kind in ("lost", "claimed", "recovered"):
        MoneyLine.objects.create(
            case=case, kind=kind, amount=1_500_000, on_date=date(2026, 11, 5), logged_at=at(5), logged_by=world.relawan
        )
    for state, ended in (("kept", at(8)), ("late", at(8)), ("broken", at(8)), ("open", None)):
        Commitment.objects.create(
            case=case, desk=world.desk, body=world.place, text="Kamar", state=state, ended_at=ended, logged_at=at(3)
        )
    VolunteerProfile.objects.create(user=world.relawan, gender="f", born_from=1995)
    outcome = Outcome.objects.get(code="rights_met")
    Case.objects.filter(pk=case.pk).update(status="closed", closed_at=at(9), outcome=outcome)
    return case


def numbers_of(sections):
    """(table, line, column) → the cells that hold a number other than none."""
    for section in sections:
        for cells in section.cells:
            for cell, column in zip(cells[1:], section.table.columns[1:], strict=True):
                if cell.text not in {"0", "–", "Rp0"} and column.kind != Cells.PERCENT:
                    yield section.code, cells[0].text, str(column.label), cell


def test_every_number_of_a_coordinator_opens_its_list(world, as_user, time_stands, told_of):
    client = as_user(world.koordinator)
    found = list(numbers_of(client.get("/angka/").context["sections"]))
    for *where, cell in found:
        assert cell.url, where
        answer = client.get(cell.url)
        assert answer.status_code == 200, where
        if where[0] != "relawan":
            assert answer.context["rows"], where
    assert {where[0] for *where, _cell in found} >= {"rupiah", "waktu", "penolakan", "janji", "relawan"}
    refusals = {(line, column): cell for code, line, column, cell in found if code == "penolakan"}
    for column in ("katanya penuh", "ditolak", "tanpa catatan jawaban"):
        cell = refusals[world.place.name, column]
        assert (cell.text, listed(client, cell.url)) == ("1", 1)
    assert listed(client, refusals["Belum tahu", "tanpa catatan jawaban"].url) == 1


def test_every_number_of_an_institution_opens_its_list(world, as_user, time_stands, told_of):
    Case.objects.filter(pk=told_of.pk).update(assignee=world.relawan)
    for who in (world.koordinator, world.relawan):
        client = as_user(who)
        page = client.get(f"/lembaga/{world.place.uuid}/").context["found"]
        found = list(numbers_of(page.sections))
        for *where, cell in found:
            assert cell.url, where
            assert client.get(cell.url).context["rows"], where
        promises = {line: (cell.text, listed(client, cell.url)) for code, line, _c, cell in found if code == "janji"}
        assert len(promises) == 4 and set(promises.values()) == {("1", 1)}
        assert {where[0] for *where, _cell in found} == {"masalah", "waktu", "janji"}
        assert listed(client, page.tiles[0].cell.url) == 1


def test_those_who_carry_are_named_to_who_coordinates_them(world, as_user, time_stands, told_of):
    client = as_user(world.koordinator)
    cells = next(each for each in client.get("/angka/").context["sections"] if each.code == "relawan").cells
    for (_label, cell), names in zip(
        cells,
        [
            {world.koordinator, world.relawan, world.relawan2},
            {world.relawan},
            {world.relawan},
            {world.koordinator, world.relawan2},
        ],
        strict=True,
    ):
        page = client.get(cell.url)
        assert {user for user, _may in page.context["rows"]} == names
        assert cell.text == str(len(names))
    text = client.get("/angka/relawan/?hitung=perempuan&pada=2026-11-30").content.decode()
    assert world.relawan.full_name in text and world.koordinator.full_name not in text.split("<main")[1]
    assert len(client.get("/angka/relawan/?hitung=x&pada=kemarin").context["rows"]) == 3
    for who in ("pimpinan", "relawan", "admin_federasi", "superuser"):
        assert as_user(getattr(world, who)).get("/angka/relawan/").status_code == 404
    assert "/angka/relawan/" not in as_user(world.pimpinan).get("/angka/").content.decode()


def test_a_coordinator_who_also_leads_counts_and_names_only_the_own_people(world, client, time_stands):
    both = make_user(role=Role.LEADER, at=world.dpn)
    both.appointments.create(role=Role.COORDINATOR, organisation=world.other_desk, from_on=date(2026, 1, 1))
    client.force_login(both, backend="allauth.account.auth_backends.AuthenticationBackend")
    cells = next(each for each in client.get("/angka/").context["sections"] if each.code == "relawan").cells
    named = client.get(cells[0][1].url).context["rows"]
    assert cells[0][1].text == str(len(named))
    assert world.relawan not in {user for user, _may in named}


# Who may not open the cases


def leader_numbers(client, **query):
    """Every number a leader can read on a page: (section, line, column) → text."""
    cache.clear()
    page = client.get("/angka/", query)
    found = {("tile", tile.label, 0): tile.cell.text for tile in page.context["tiles"]}
    for section in page.context["sections"]:
        for cells in section.cells:
            for at_column, cell in enumerate(cells[1:], 1):
                found[section.code, cells[0].text, at_column] = cell.text
    return found


class TestLeader:
    @pytest.fixture
    def leader(self, world, as_user, time_stands):
        return as_user(world.pimpinan)

    def test_reads_floors_without_links_or_names(self, world, leader):
        for _n in range(12):
            made(world, problem_type=ProblemType.objects.get(code="A01"))
        for _n in range(3):
            made(world, problem_type=ProblemType.objects.get(code="F01"))
        found = leader_numbers(leader)
        assert found["tile", str(FIGURES["baru"].label), 0] == "15+"
        assert found["tile", str(FIGURES["ditutup"].label), 0] == "< 5"
        page = leader.get("/angka/").content.decode()
        assert "/kasus/?" not in page
        assert "KWL-" not in page
        exact = {"1", "2", "3", "4", "12", "15"}
        assert not exact & set(found.values()), found

    def test_differencing_two_figures_tells_no_small_group(self, world, leader):
        """Two worlds that differ by less than five cases of one group: no pair of numbers tells them apart by its size.

        Whatever a leader reads is a floor; a difference of two floors leaves every size from none to four possible.
        """
        types = {code: ProblemType.objects.get(code=code) for code in ("A01", "B03")}
        for size in range(5):
            with transaction.atomic():
                for _n in range(10):
                    made(world, problem_type=types["A01"], place=world.place)
                for _n in range(size):
                    made(world, problem_type=types["B03"], place=world.place, desk=world.other_desk)
                queries = [{}, {"masalah": "A"}, {"masalah": "B"}, {"organisasi": str(world.desk.uuid)}]
                queries += [{"bagi": "unit"}, {"bagi": "jenis"}, {"periode": "tahun"}, {"periode": "triwulan"}]
                read = [leader_numbers(leader, **query) for query in queries]
                if size == 0:
                    first = read
                assert read == first, size  # none to four: the reader sees the same
                transaction.set_rollback(True)

    def test_a_restricted_case_changes_nothing_on_any_page(self, world, leader):
        for _n in range(10):
            made(world)
        queries = [{}, {"periode": "tahun"}, *({"bagi": by} for by in CHOOSABLE)]
        before = [leader_numbers(leader, **query) for query in queries]
        hidden = made(world, 6, closed=at(9), place=world.place)
        Case.objects.filter(pk=hidden.pk).update(is_restricted=True, died_at=at(8))
        assert [leader_numbers(leader, **query) for query in queries] == before

    def test_days_widen_to_months_and_fine_filters_do_nothing(self, world, leader):
        for day in range(1, 13):
            made(world, day, place=world.place)
        plain = leader_numbers(leader)
        for query in [
            {"dari": "2026-11-03", "sampai": "2026-11-04"},
            {"tempat": str(world.place.uuid)},
            {"anggota": "member"},
            {"periode": "30"},
        ]:
            assert leader_numbers(leader, **query) == plain

    def test_who_is_both_never_gets_one_number_over_both(self, world, client, time_stands):
        both = make_user(role=Role.LEADER, at=world.dpn)
        both.appointments.create(role=Role.COORDINATOR, organisation=world.desk, from_on=date(2026, 1, 1))
        for _n in range(9):
            made(world)
        for _n in range(3):
            made(world, desk=world.other_desk)
        client.force_login(both, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert leader_numbers(client)["tile", str(FIGURES["baru"].label), 0] == "9"
        assert leader_numbers(client, lingkup="angka")["tile", str(FIGURES["baru"].label), 0] == "< 5"

    def test_a_coordinator_has_no_other_view(self, world, as_user, time_stands):
        made(world)
        found = leader_numbers(as_user(world.koordinator), lingkup="angka")
        assert found["tile", str(FIGURES["baru"].label), 0] == "1"


class TestForWomenAndYoungWorkers:
    """PRACTICE S0.7: the chair for women and young workers sees only their figures, of her own organisation."""

    @pytest.fixture
    def chair(self, world):
        chair = make_user(role=Role.LEADER, at=world.desk)
        chair.appointments.update(
            title="Ketua Bidang Perempuan dan Pekerja Muda", looks_at="women_young", until_on=date(2030, 1, 1)
        )
        return chair

    @pytest.fixture
    def helped(self, world):
        """At the desk six women, six young men, six older men; five women of another desk."""
        people = [("f", date(1970, 1, 1))] * 6 + [("m", date(2000, 1, 1))] * 6 + [("m", date(1970, 1, 1))] * 6
        for gender, born in people:
            case = made(world, place=world.place)
            case.parties.create(
                role="patient", person=Person.objects.create(full_name="X", gender=gender, born_on=born)
            )
        for _n in range(5):
            case = made(world, desk=world.other_desk)
            case.parties.create(role="patient", person=Person.objects.create(full_name="Y", gender="f"))

    def test_figures_home_institution_and_recap_count_only_them(self, world, chair, helped, as_user, time_stands):
        client = as_user(chair)
        found = leader_numbers(client)
        assert found["tile", str(FIGURES["baru"].label), 0] == "10+"  # twelve
        assert leader_numbers(client, sorot="perempuan")["tile", str(FIGURES["baru"].label), 0] == "5+"
        text = client.get("/angka/").content.decode()
        assert "perempuan dan pekerja muda" in text
        assert "perempuan dan pekerja muda" in client.get("/").content.decode()
        assert client.get(f"/lembaga/{world.place.uuid}/").context["found"].tiles[0].cell.text == "10+"
        page = client.get(f"/rekap/?bulan=2026-11&unit={world.desk.uuid}").context["page"]
        assert dict(page.blocks[0].whole)[str(FIGURES["baru"].label)].number == 10
        assert any("perempuan dan pekerja muda" in note for note in page.notes)

    def test_whoever_leads_without_such_an_office_counts_everybody(self, world, chair, helped, as_user, time_stands):
        assert leader_numbers(as_user(world.pimpinan))["tile", str(FIGURES["baru"].label), 0] == "20+"
        chair.appointments.create(role=Role.LEADER, organisation=world.other_desk, from_on=date(2026, 1, 1))
        chair = type(chair).objects.get(pk=chair.pk)
        assert Case.objects.permitted(chair, Permission.FIGURES_VIEW).count() == 12 + 5

    def test_only_a_leader_has_such_an_office(self, world):
        with pytest.raises(IntegrityError), transaction.atomic():
            world.koordinator.appointments.update(looks_at="women_young")


def test_the_page_is_closed_to_others(world, as_user):
    for user in (world.relawan, world.admin_federasi, world.superuser):
        for url in ("/angka/", "/angka/berkas/?bentuk=xlsx"):
            assert as_user(user).get(url).status_code == 404


def test_a_file_leaves_its_row_and_no_name(world, as_user, time_stands):
    made(world)
    answer = as_user(world.koordinator).get("/angka/berkas/?bentuk=csv&tabel=kelompok")
    assert answer["Content-Disposition"] == 'attachment; filename="angka-kelompok.csv"'
    assert AccessLog.objects.filter(action="export", object_kind="figures", user=world.koordinator).count() == 1
    assert as_user(world.koordinator).get("/angka/berkas/?bentuk=csv&tabel=lain").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "dari=9999-12-31",
        "sampai=0001-01-01&dari=0001-01-01",
        "bagi=x&periode=y",
        "tempat=zzz",
        "organisasi=1",
        "dari=x",
    ],
)
def test_nonsense_in_the_address_is_no_error(world, as_user, query):
    client = as_user(world.koordinator)
    assert client.get(f"/angka/?{query}").status_code == 200
    for more in ("", "&kelompok=faskes:zz", "&kelompok=masalah:A", "&kelompok=untuk:-", "&kelompok=oleh:facility"):
        assert client.get(f"/kasus/?angka=baru&{query}{more}").status_code == 200


def test_the_statements_do_not_grow_with_rows(world, as_user, time_stands):
    client = as_user(world.koordinator)
    first = made(world, place=world.place, closed=at(9))
    fact(first, "refused", at(6))
    client.get("/angka/")

    def statements():
        cache.clear()
        with CaptureQueriesContext(connection) as found:
            client.get("/angka/?bagi=faskes")
        return len(found)

    few = statements()
    for n in range(12):
        case = made(world, place=make_body(f"RS {n}"), closed=at(9) if n % 2 else None)
        fact(case, "refused", at(6))
        fact(case, "got_room", at(7))
    assert statements() == few
    with CaptureQueriesContext(connection) as kept:
        client.get("/angka/?bagi=faskes")
    assert len(kept) < few - 15  # a minute old is fresh enough


class TestInstitution:
    def test_what_worked_here_before(self, world, as_user, time_stands):
        problem = ProblemType.objects.get(code="A01")
        for hours in (1, 2, 3):
            case = made(world, 2, place=world.place, problem_type=problem, closed=at(9))
            fact(case, "got_room", at(2) + timedelta(hours=hours))
        made(world, 2, place=world.place, problem_type=problem, closed=at(9), outcome="not_obtained")
        Attempt.objects.create(case=case, body=world.place, at=at(3), answer="full", logged_at=at(3))
        page = as_user(world.koordinator).get(f"/lembaga/{world.place.uuid}/")
        ways = page.context["found"].ways
        assert [way.text for way in ways] == [
            f"{problem.plain}: 3 kali berhasil oleh DPD Karangsari, setengahnya dalam 2 jam"
        ]
        assert len(page.context["found"].contacts) == 1
        assert listed(as_user(world.koordinator), page.context["found"].tiles[0].cell.url) == 4
        cells = page.context["found"].sections[0].cells
        assert [cell.text for cell in cells[0]] == [problem.plain, "4", "0", "4"]
        assert listed(as_user(world.koordinator), cells[0][1].url) == 4

    def test_only_of_cases_that_may_be_opened(self, world, as_user, time_stands):
        made(world, place=world.place)
        hidden = made(world, place=world.place)
        Case.objects.filter(pk=hidden.pk).update(is_restricted=True)
        tiles = {
            who: [tile.cell.text for tile in page.context["found"].tiles]
            for who in ("koordinator", "outside_koordinator", "pimpinan")
            if (page := as_user(getattr(world, who)).get(f"/lembaga/{world.place.uuid}/"))
        }
        assert tiles["koordinator"][:2] == ["1", "1"]
        assert tiles["outside_koordinator"][:2] == ["0", "0"]
        assert set(tiles["pimpinan"]) == {"< 5"}
        assert as_user(world.admin_federasi).get(f"/lembaga/{world.place.uuid}/").status_code == 404

    def test_a_leader_reads_no_case_and_no_small_group(self, world, as_user, time_stands):
        problem = ProblemType.objects.get(code="A01")
        for _n in range(7):
            case = made(world, 2, place=world.place, problem_type=problem, closed=at(9))
        made(world, place=world.place, problem_type=ProblemType.objects.get(code="B03"))
        Attempt.objects.create(case=case, body=world.place, at=at(3), answer="full", logged_at=at(3))
        page = as_user(world.pimpinan).get(f"/lembaga/{world.place.uuid}/")
        text = page.content.decode()
        assert "KWL-" not in text
        assert ProblemType.objects.get(code="B03").plain not in text
        assert page.context["found"].tiles[0].cell.text == "5+"

    def test_a_merged_body_is_the_one_it_became(self, world, as_user):
        old = make_body("RSUD Cempaka")
        Body.objects.filter(pk=old.pk).update(merged_into=world.place)
        assert as_user(world.koordinator).get(f"/lembaga/{old.uuid}/").context["body"] == world.place
