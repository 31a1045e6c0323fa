from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CasePaper, CaseShare, CaseTag, Outcome, ProblemType, Programme
from cases.reports import case_list
from cases.rules.codes import Urgency
from cases.services import carrying, closing, follow_ups
from cases.views.lists import said
from members.models import Body, Region
from tests.factories import make_case, make_user

URL = reverse("cases:case-list")


@pytest.fixture
def some(world):
    """One case of each kind the chips tell apart."""
    now = timezone.now()
    mine = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, title="Punya Rina", patient="Ani")
    follow_ups.schedule(
        case=mine, title="Minta hasil triase", due_at=now + timedelta(minutes=5), owner=world.relawan, by=world.relawan
    )
    emergency = make_case(
        desk=world.desk, by=world.relawan, assignee=world.relawan2, title="Darurat Yoga", urgency=Urgency.EMERGENCY
    )
    late = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan2, title="Sudah lewat")
    Case.objects.filter(pk=late.pk).update(next_due_at=now - timedelta(days=2))
    free = make_case(desk=world.desk, by=world.relawan, title="Belum dipegang")
    silent = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan2, title="Sudah diam")
    Case.objects.filter(pk=silent.pk).update(last_event_at=now - timedelta(hours=80))
    closed = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, title="Sudah selesai")
    closing.close(case=closed, outcome=Outcome.objects.first(), by=world.relawan)
    carrying.offer(
        case=emergency, to=world.koordinator_atas, next_step="Telepon IGD", without_consent=True, by=world.relawan2
    )
    elsewhere = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider, title="Di posko lain")
    return {"mine": mine, "emergency": emergency, "late": late, "free": free, "silent": silent, "closed": closed,
            "elsewhere": elsewhere}  # fmt: skip


def titles(client, query=""):
    answer = client.get(URL + query)
    assert answer.status_code == 200
    return [row.case.title for row in answer.context["rows"]]


def chips(client, query=""):
    return {str(chip.label): chip.count for chip in client.get(URL + query).context["chips"]}


class TestChips:
    @pytest.mark.parametrize(
        ("key", "found"),
        [
            ("", {"Punya Rina", "Darurat Yoga", "Sudah lewat", "Belum dipegang", "Sudah diam"}),
            ("darurat", {"Darurat Yoga"}),
            ("lewat", {"Sudah lewat"}),
            ("tanpa-relawan", {"Belum dipegang"}),
            ("diam", {"Sudah diam"}),
            ("ditawarkan", {"Darurat Yoga"}),
            ("saya", set()),
            ("ditutup", {"Sudah selesai"}),
        ],
    )
    def test_each_shows_its_own_and_counts_it(self, some, as_user, world, key, found):
        client = as_user(world.koordinator)
        assert set(titles(client, f"?lihat={key}")) == found
        chip = next(chip for chip in client.get(f"{URL}?lihat={key}").context["chips"] if chip.on)
        assert chip.count == str(len(found))

    def test_the_board_leads_to_the_hand_overs_that_wait(self, some, as_user, world):
        client = as_user(world.koordinator)
        page = client.get(reverse("cases:home"))
        assert f'href="{URL}?lihat=ditawarkan"' in page.content.decode()
        assert page.context["board"].counts["offers"] == len(titles(client, "?lihat=ditawarkan"))

    def test_today_holds_the_late_ones_too(self, some, as_user, world):
        assert {"Sudah lewat"} <= set(titles(as_user(world.koordinator), "?lihat=hari-ini"))

    def test_a_relawan_sees_their_own_and_the_free_ones(self, some, as_user, world):
        client = as_user(world.relawan)
        assert set(titles(client)) == {"Punya Rina", "Belum dipegang"}
        assert titles(client, "?lihat=saya") == ["Punya Rina"]
        assert chips(client)["Darurat"] == "0"

    def test_who_has_no_cases_sees_none(self, some, as_user, world):
        for user in (world.pimpinan, world.admin_federasi, world.superuser):
            assert titles(as_user(user)) == []
        assert titles(as_user(world.outside_koordinator)) == ["Di posko lain"]

    def test_a_restricted_case_stays_with_named_people(self, some, as_user, world):
        Case.objects.filter(pk=some["mine"].pk).update(is_restricted=True)
        assert "Punya Rina" not in titles(as_user(world.koordinator))
        assert chips(as_user(world.koordinator))["Semua terbuka"] == "4"
        CaseShare.objects.create(
            case=some["mine"], user=world.koordinator, from_at=timezone.now(), shared_by=world.relawan
        )
        assert "Punya Rina" in titles(as_user(world.koordinator))

    def test_an_ended_appointment_counts_at_once(self, some, as_user, world):
        client = as_user(world.koordinator)
        world.koordinator.appointments.update(until_on=timezone.localdate() - timedelta(days=1))
        assert titles(client) == []

    def test_counts_stop_at_a_thousand(self, monkeypatch, some, as_user, world):
        assert said(1000) == "1000"
        assert said(1001) == "1000+"
        monkeypatch.setattr(case_list, "CAP", 3)
        assert chips(as_user(world.koordinator))["Semua terbuka"] == "3+"


class TestRows:
    def test_the_next_act_stands_in_front(self, some, as_user, world):
        text = as_user(world.relawan).get(f"{URL}?lihat=saya").content.decode()
        assert "Minta hasil triase" in text
        assert f"{some['mine'].number} · A." in text
        assert "RSUD" not in text

    def test_no_name_in_a_row(self, some, as_user, world):
        text = as_user(world.koordinator).get(URL).content.decode()
        assert "Siti" not in text
        assert "Rahmawati" not in text
        assert "S.R." in text

    def test_the_place_leads_to_its_page_for_who_has_one(self, some, as_user, world):
        Case.objects.update(place=world.place)
        url = reverse("cases:institution", args=[world.place.uuid])
        for query, who in (("", world.koordinator), ("?lihat=ditutup", world.koordinator), ("", world.relawan)):
            client = as_user(who)
            assert f'href="{url}"' in client.get(URL + query).content.decode()
            assert client.get(url).status_code == 200
        world.relawan.appointments.all().delete()
        text = as_user(world.relawan).get(URL).content.decode()
        assert world.place.name in text and url not in text

    def test_a_closed_case_says_when(self, some, as_user, world):
        text = as_user(world.koordinator).get(f"{URL}?lihat=ditutup").content.decode()
        assert "Sudah selesai" in text
        assert "k-due" not in text

    @pytest.mark.parametrize(
        ("order", "first"),
        [("", "Sudah lewat"), ("urgensi", "Darurat Yoga"), ("diam", "Sudah diam"), ("baru", "Sudah diam")],
    )
    def test_orders(self, some, as_user, world, order, first):
        assert titles(as_user(world.koordinator), f"?urut={order}")[0] == first


class TestFilters:
    def test_by_desk_for_who_has_several(self, some, as_user, world):
        client = as_user(world.koordinator_atas)
        assert len(titles(client)) == 6
        assert titles(client, f"?posko={world.other_desk.uuid}") == ["Di posko lain"]
        assert "Semua" in client.get(URL).content.decode()
        assert 'name="posko"' not in as_user(world.koordinator).get(URL).content.decode()

    def test_a_desk_out_of_reach_is_not_a_filter(self, some, as_user, world):
        assert "Di posko lain" not in titles(as_user(world.koordinator), f"?posko={world.other_desk.uuid}")

    def test_by_urgency_problem_and_relawan(self, some, as_user, world):
        client = as_user(world.koordinator)
        assert titles(client, "?urgensi=emergency") == ["Darurat Yoga"]
        problem = ProblemType.objects.select_related("family").first()
        Case.objects.filter(pk=some["late"].pk).update(problem_type=problem)
        assert titles(client, f"?masalah={problem.family.code}") == ["Sudah lewat"]
        assert titles(client, f"?relawan={world.relawan.uuid}") == ["Punya Rina"]
        assert chips(client, f"?relawan={world.relawan2.uuid}")["Semua terbuka"] == "3"

    def test_filters_live_in_the_address_and_chips_keep_them(self, some, as_user, world):
        answer = as_user(world.koordinator).get(f"{URL}?urgensi=urgent&urut=baru&lihat=lewat&halaman=1&csrf=x")
        urls = [chip.url for chip in answer.context["chips"]]
        assert urls[0] == "/kasus/?urgensi=urgent&urut=baru"
        assert urls[1] == "/kasus/?urgensi=urgent&urut=baru&lihat=darurat"
        assert answer.context["clear_url"] == "/kasus/?urut=baru&lihat=lewat"

    @pytest.fixture
    def facts(self, some, world):
        """The late case with something for every further filter."""
        late, now = some["late"], timezone.now()
        problem = ProblemType.objects.get(code="A01")
        city = Region.objects.exclude(parent=None).first()
        Case.objects.filter(pk=late.pk).update(
            problem_type=problem,
            place=world.place,
            region=city,
            membership="member",
            created_at=datetime(2026, 3, 9, 17, 30, tzinfo=UTC),  # the tenth, where the reader lives
        )
        late.programmes.add(Programme.objects.get(code="JKN"))
        CasePaper.objects.create(case=late, name="Surat RT", state_at=now, logged_at=now)
        CaseTag.objects.create(case=late, label="cuci darah", tagged_at=now, tagged_by=world.relawan)
        firm = Body.objects.create(name="PT Sumber Jaya")
        late.parties.first().person.employments.create(employer=firm)
        return {"city": city, "firm": firm, "place": world.place}

    def test_each_further_filter_finds_its_case_alone(self, facts, some, as_user, world):
        client, code = as_user(world.koordinator), facts["city"].code
        Case.objects.exclude(pk=some["late"].pk).update(place=None, region=None)
        for query in (
            "jenis=A01",
            "program=JKN",
            f"tempat={facts['place'].uuid}",
            f"tempat={facts['place'].name.lower()}",
            f"perusahaan={facts['firm'].uuid}",
            "perusahaan=sumber",
            f"wilayah={code}",
            f"wilayah={facts['city'].name}",
            f"wilayah={facts['city'].parent.code}",
            "anggota=member",
            "sampai=2026-03-10",
            "dari=2026-03-10&sampai=2026-03-10",
            "label=cuci darah",
            "kertas=kurang",
        ):
            assert titles(client, f"?{query}") == ["Sudah lewat"], query
        assert titles(client, "?sampai=2026-03-09") == []
        assert "Sudah lewat" not in titles(client, "?dari=2026-03-11")
        assert "Sudah lewat" not in titles(client, "?anggota=belum-tahu")

    def test_an_outcome_is_of_closed_cases(self, some, as_user, world):
        code = Outcome.objects.first().code
        client = as_user(world.koordinator)
        assert titles(client, f"?hasil={code}") == ["Sudah selesai"]
        assert len(titles(client, "?lihat=semua")) == 6

    def test_a_unit_means_the_desks_below_it(self, some, as_user, world):
        client = as_user(world.koordinator_atas)
        assert titles(client, f"?organisasi={world.other_desk.uuid}") == ["Di posko lain"]
        assert len(titles(client, f"?organisasi={world.desk.uuid}")) == 5

    def test_each_filter_that_is_on_has_a_chip_that_takes_it_away(self, facts, as_user, world):
        query = f"?jenis=A01&tempat={facts['place'].uuid}&dari=2026-03-10&lihat=lewat"
        chips = as_user(world.koordinator).get(URL + query).context["filters_on"]
        assert {chip.label for chip in chips} == {
            ProblemType.objects.get(code="A01").chip,
            facts["place"].name,
            "Dicatat sejak Sel, 10 Mar 2026",
        }
        assert all("lihat=lewat" in chip.url for chip in chips)
        gone = next(chip for chip in chips if chip.label == facts["place"].name)
        assert "tempat" not in gone.url
        assert "jenis=A01" in gone.url

    def test_what_resolves_to_nothing_says_so_and_is_left_out(self, some, as_user, world):
        client = as_user(world.koordinator)
        for query, text in (
            ("tempat=Tidak Ada Di Sini", "Tidak ada tempat dengan nama ini"),
            (f"perusahaan={uuid4()}", "Tidak ada tempat dengan nama ini"),
            ("wilayah=Atlantis", "Periksa ejaannya"),
            ("dari=kemarin", ""),
            (f"organisasi={uuid4()}", ""),
        ):
            answer = client.get(f"{URL}?{query}")
            assert text in answer.content.decode()
            assert len(answer.context["rows"]) == 5

    def test_a_label_of_a_case_out_of_reach_is_no_choice(self, some, as_user, world):
        CaseTag.objects.create(
            case=some["elsewhere"], label="rahasia", tagged_at=timezone.now(), tagged_by=world.outsider
        )
        client = as_user(world.koordinator)
        assert "rahasia" not in client.get(URL).content.decode()
        assert len(titles(client, "?label=rahasia")) == 5
        assert "rahasia" in as_user(world.outsider).get(URL).content.decode()

    @pytest.mark.parametrize(
        "query",
        [
            "?lihat=x",
            "?lihat=<script>",
            "?posko=x",
            "?relawan=x",
            "?urut=x&urgensi=x&masalah=x",
            "?halaman=x",
            "?halaman=-1",
            "?halaman=99999999999999",
            "?halaman=²",
            "?halaman=1&halaman=2",
            "?relawan=5f0c7f0a-6f0e-4a3e-9b1f-0b1c2d3e4f5a",
        ],
    )
    def test_odd_addresses_are_no_error(self, some, as_user, world, query):
        answer = as_user(world.koordinator).get(URL + query)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()

    def test_an_empty_filter_teaches(self, some, as_user, world):
        text = as_user(world.koordinator).get(f"{URL}?urgensi=ordinary").content.decode()
        assert "Tidak ada yang cocok dengan saringan ini" in text
        assert "Lepas saringan" in text
        text = as_user(world.pimpinan).get(URL).content.decode()
        assert "Tidak ada kasus terbuka" in text

    def test_the_name_of_a_relawan_stands_as_a_badge(self, some, as_user, world):
        text = as_user(world.koordinator).get(f"{URL}?relawan={world.relawan.uuid}").content.decode()
        assert "Rina Wulandari" in text

    def test_a_relawan_out_of_reach_is_not_named(self, some, as_user, world):
        text = as_user(world.relawan2).get(f"{URL}?relawan={world.outside_koordinator.uuid}").content.decode()
        assert "Dewi Anggraini" not in text


class TestPages:
    @pytest.fixture
    def many(self, world):
        now = timezone.now()
        relawan = [make_user() for _ in range(5)]
        rows = []
        for at in range(60):
            case = make_case(
                desk=world.desk, by=world.relawan, assignee=relawan[at % 5], title=f"Kasus {at:02d}", place=world.place
            )
            follow_ups.schedule(
                case=case,
                title=f"Langkah {at}",
                due_at=now + timedelta(hours=at + 1),
                owner=relawan[at % 5],
                by=world.relawan,
            )
            rows.append(case)
        return rows

    def test_twenty_five_at_a_time_each_once(self, many, as_user, world):
        client = as_user(world.koordinator)
        pages = [titles(client, f"?halaman={at}") for at in (1, 2, 3)]
        assert [len(page) for page in pages] == [25, 25, 10]
        assert [*pages[0], *pages[1], *pages[2]] == [case.title for case in many]
        text = client.get(f"{URL}?halaman=2&lihat=").content.decode()
        assert 'rel="prev" href="/kasus/"' in text
        assert 'rel="next" href="/kasus/?halaman=3"' in text

    def test_the_statements_are_the_same_for_one_and_many_rows(self, many, as_user, world):
        client = as_user(world.koordinator)
        client.get(URL)
        with CaptureQueriesContext(
            connection,
        ) as full:
            assert len(titles(client)) == 25
        with CaptureQueriesContext(connection) as one:
            assert len(titles(client, "?relawan=&urgensi=urgent&halaman=3")) == 10
        Case.objects.exclude(pk=many[0].pk).update(assignee=None, status="new", desk=world.other_desk)
        with CaptureQueriesContext(connection) as single:
            assert len(titles(client)) == 1
        assert len(full) == len(one) == len(single)
        assert len(full) <= 12

    def test_pages_end_at_the_cap(self, many, monkeypatch, as_user, world):
        monkeypatch.setattr(case_list, "CAP", 50)
        answer = as_user(world.koordinator).get(f"{URL}?halaman=9")
        assert answer.context["page_number"] == 2
        assert answer.context["next_url"] == ""


def test_a_case_handed_over_changes_lists(world, as_user):
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, title="Pindah")
    carrying.assign(case=case, to=world.relawan2, by=world.koordinator)
    assert titles(as_user(world.relawan)) == []
    assert titles(as_user(world.relawan2)) == ["Pindah"]
