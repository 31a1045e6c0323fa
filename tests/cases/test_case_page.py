"""The page of a case: what it shows first, what it logs, what it costs."""

import gzip
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseShare, EventType, FollowUp, Outcome, ProblemType
from cases.services import carrying, claims, closing, facts, follow_ups
from members.models import AccessLog
from tests.factories import make_case

pytestmark = pytest.mark.django_db
#: What detail may cost (PERF 12 allows 15), the shell of every page included.
MOST_STATEMENTS = 15


def url(case, name="case-detail", *args):
    return reverse(f"cases:{name}", args=[case.uuid, *args])


@pytest.fixture
def tell(world, case):
    def tell(code, text="", *, on=case, by=world.relawan, **given):
        return facts.tell(case=on, type=EventType.objects.get(code=code), by=by, text=text, **given)

    return tell


@pytest.fixture
def plan(world, case):
    def plan(title="Minta hasil triase", *, hours=2, owner=world.relawan, on=case, **given):
        return follow_ups.schedule(
            case=on,
            title=title,
            due_at=timezone.now() + timedelta(hours=hours, seconds=30),
            owner=owner,
            by=world.relawan,
            **given,
        )

    return plan


def text_of(response):
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(page.replace("&#x27;", "'").split())


# Who opens


def test_one_opening_is_one_row(as_user, world, case):
    as_user(world.relawan).get(url(case))
    row = AccessLog.objects.get()
    assert (row.action, row.object_uuid, row.user) == ("open_identity", case.uuid, world.relawan)


def test_who_does_not_carry_sees_initials_and_leaves_another_row(as_user, world, case):
    page = as_user(world.koordinator).get(url(case))
    assert "Siti Rahmawati" not in page.content.decode()
    assert "S.R." in page.content.decode()
    assert AccessLog.objects.get().action == "open"


def test_what_is_not_yours_does_not_exist_and_the_try_is_noted(as_user, world, case):
    assert as_user(world.outsider).get(url(case)).status_code == 404
    assert AccessLog.objects.get().action == "refused"
    for user in (world.pimpinan, world.admin_federasi, world.superuser):
        assert as_user(user).get(url(case)).status_code == 404


def test_the_title_says_number_and_initials_only(as_user, world, case):
    page = as_user(world.relawan).get(url(case)).content.decode()
    assert re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1].strip() == f"{case.number} S.R. – Kawal"


# What stands first


def test_what_where_how_urgent_whose_turn_until_when_and_what_now(as_user, world, case, plan):
    case.problem_type = ProblemType.objects.get(code="A01")
    case.place_note = "IGD lantai 1"
    case.save()
    plan(hours=1)
    page = text_of(as_user(world.relawan).get(url(case)))
    in_order = [
        "Mendesak",
        case.title,
        "RSUD Cempaka Raya",
        "IGD lantai 1",
        "1 jam",
        "Giliran kita: Rina",
        "Minta hasil triase",
        case.problem_type.say,
        "Catat hasil",
    ]
    found = [page.find(words) for words in in_order[:-1]]
    assert -1 not in found
    assert found == sorted(found)
    assert in_order[-1] in page


def test_without_a_plan_the_first_step_of_the_problem_stands_there(as_user, world, case):
    case.problem_type = ProblemType.objects.get(code="A01")
    case.save()
    page = text_of(as_user(world.relawan).get(url(case)))
    assert case.problem_type.first_step in page
    assert "Rencanakan langkah berikutnya" in page


def test_the_office_is_named_and_since_when(as_user, world, case, tell):
    tell("promised", "Kamar nanti malam.", at=timezone.now() - timedelta(days=2))
    page = text_of(as_user(world.relawan).get(url(case)))
    assert "Giliran RSUD Cempaka Raya" in page
    assert "sejak" in page


def test_late_is_said_in_words_and_by_its_own_colour(as_user, world, case, plan):
    follow_up = plan()
    FollowUp.objects.filter(pk=follow_up.pk).update(due_at=timezone.now() - timedelta(days=2, hours=1))
    page = as_user(world.relawan).get(url(case)).content.decode()
    assert "Lewat 2 hari" in page
    assert 'class="k-now s-lewat' in page


def test_death_is_said_plainly(as_user, world, case, tell):
    tell("died", "Di ICU.")
    page = as_user(world.relawan).get(url(case)).content.decode()
    assert "Pasien meninggal" in page
    assert 'value="died"' not in page  # it happens once


def test_versions_that_differ_are_said_at_the_top(as_user, world, case):
    claims.add(case=case, topic="Jam tiba", text="21.26", source="Adik pasien", by=world.relawan)
    client = as_user(world.relawan)
    assert 'id="versi"' not in client.get(url(case)).content.decode()
    claims.add(case=case, topic="Jam tiba", text="22.05", source="Loket", by=world.relawan)
    page = client.get(url(case)).content.decode()
    assert page.index("1 hal berbeda versi") < page.index("<h1>")
    assert "21.26" in page and "22.05" in page and "Adik pasien" in page


def test_typed_text_is_never_html(as_user, world, case, tell):
    tell("note", "<script>alert(1)</script>")
    case.title = "<b>tebal</b>"
    case.save()
    page = as_user(world.relawan).get(url(case)).content.decode()
    assert "<script>alert" not in page and "<b>tebal</b>" not in page


def test_a_closed_case_says_how_and_how_to_open_it(as_user, world, case):
    closing.close(
        case=case, outcome=Outcome.objects.get(code="discretion"), note="Kebijakan direktur.", by=world.relawan
    )
    page = text_of(as_user(world.relawan).get(url(case)))
    assert "Diskresi" in page and "Kebijakan direktur." in page and "Buka lagi" in page
    assert "Ditolak" not in page


# Which acts


@pytest.mark.parametrize(
    ("who", "sees", "misses"),
    [
        ("relawan", ["Serah-terima", "Tutup kasus", "Ubah"], ["Berikan ke relawan lain"]),
        ("koordinator", ["Serah-terima", "Tutup kasus", "Berikan ke relawan lain"], []),
    ],
)
def test_acts_by_right(as_user, world, case, who, sees, misses):
    page = text_of(as_user(getattr(world, who)).get(url(case)))
    assert [words for words in sees if words not in page] == []
    assert [words for words in misses if words in page] == []


def test_nobody_carries_it(as_user, world):
    case = make_case(desk=world.desk, by=world.koordinator)
    assert "Ambil kasus ini" in text_of(as_user(world.relawan2).get(url(case)))
    page = text_of(as_user(world.koordinator).get(url(case)))
    assert "Pilih relawan" in page and "Ambil sendiri" in page


def test_who_may_only_look_finds_nothing_to_press(as_user, world, case, plan):
    plan()
    carrying.offer(
        case=case,
        to=world.outsider,
        without_consent=True,
        reason="Malam ini juga",
        next_step="Telepon dokter jaga",
        by=world.relawan,
    )
    page = as_user(world.outsider).get(url(case)).content.decode()
    assert "Rina menyerahkan kasus ini kepada Anda" in page
    assert "Telepon dokter jaga" in page
    assert "0812 0000 0001" in page and 'href="tel:+6281200000001"' in page
    for name in ("case-edit", "close", "handover-offer", "follow-up-add"):
        assert url(case, name) not in page
    assert 'id="baru"' not in page


def test_the_sender_may_take_an_offer_back(as_user, world, case):
    offer = carrying.offer(case=case, to=world.relawan2, next_step="Telepon", by=world.relawan)
    page = as_user(world.relawan).get(url(case)).content.decode()
    assert "Menunggu jawaban" in page
    assert reverse("cases:handover-withdraw", args=[offer.uuid]) in page


# What it costs


def statements(client, address):
    """Of the second opening: the first one after signing in also reads what is kept for a minute."""
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_four_events_or_two_hundred_cost_the_same(as_user, world, case, tell, plan):
    case.problem_type = ProblemType.objects.get(code="A01")
    case.save()
    case.problem_types.add(case.problem_type)
    plan()
    for number in range(3):
        tell("called", str(number))
    client = as_user(world.relawan)
    few = statements(client, url(case))
    for number in range(200):
        event = tell("called", str(number), at=timezone.now() - timedelta(hours=number))
        if number % 50 == 0:
            tell("called", "betul", corrects=event)
    for number in range(20):
        plan(f"Langkah {number}", hours=number + 3)
    assert statements(client, url(case)) == few <= MOST_STATEMENTS


def test_with_everything_on_it_still_within_the_budget(as_user, world, case, tell, plan):
    plan()
    tell("refused", "Loket menolak.")
    claims.add(case=case, topic="Jam tiba", text="21.26", source="Adik", by=world.relawan)
    carrying.offer(case=case, to=world.relawan2, next_step="Telepon", by=world.relawan)
    CaseShare.objects.create(case=case, user=world.outsider, from_at=timezone.now(), shared_by=world.koordinator)
    for user in (world.relawan, world.koordinator):
        assert statements(as_user(user), url(case)) <= MOST_STATEMENTS + 1  # an offer and versions cost one each


def test_an_ordinary_case_is_light_on_the_way(as_user, world, case, tell, plan):
    case.problem_type = ProblemType.objects.get(code="A01")
    case.story = "Adik pasien menelepon. " * 20
    case.save()
    for _number in range(12):
        tell("called", "Dokter jaga menerima telepon. Saturasi 88, dipasang oksigen. Surat triase belum diberi.")
    plan(), plan("Antar kartu keluarga", hours=30)
    page = as_user(world.relawan).get(url(case)).content
    assert len(gzip.compress(page)) <= 10 * 1024  # UX U3: 30 kB as a phone loads it, at most
    assert len(page) <= 36 * 1024


# The whole timeline


def test_the_timeline_goes_back_to_the_beginning(as_user, world, case, tell):
    for number in range(150):
        tell("called", f"Telepon ke-{number}.", at=timezone.now() - timedelta(hours=number))
    client, seen = as_user(world.relawan), []
    page = client.get(url(case)).content.decode()
    seen += re.findall(r"Telepon ke-(\d+)\.", page)
    assert len(seen) == 29  # and the line that says when the case was logged
    address = re.search(r'href="([^"]*sebelum=[^"]*)"', page)[1]
    while address:
        page = client.get(address).content.decode()
        seen += re.findall(r"Telepon ke-(\d+)\.", page)
        more = re.search(r'rel="next" href="([^"]*)"', page)
        address = more and more[1].replace("&amp;", "&")
    assert sorted(map(int, seen)) == list(range(150))


def test_system_notes_only_where_they_are_asked_for(as_user, world, case, plan):
    plan("Antar surat")
    client = as_user(world.relawan)
    told = text_of(client.get(url(case, "timeline")))
    assert "Tindak lanjut dibuat" not in told
    assert "Tindak lanjut dibuat : Antar surat" in text_of(client.get(url(case, "timeline") + "?sistem=1"))
    assert client.get(url(case, "timeline") + "?sebelum=bukan-uuid").status_code == 200


def test_the_timeline_names_who_was_given_the_case(as_user, world, case):
    carrying.assign(case=case, to=world.relawan2, by=world.koordinator)
    assert "Yoga Pratama" in text_of(as_user(world.koordinator).get(url(case, "timeline") + "?sistem=1"))


def test_another_time_zone_is_that_of_the_place(as_user, world, case, tell):
    Case.objects.filter(pk=case.pk).update(zone="Asia/Jayapura")
    case.refresh_from_db()
    follow_ups.schedule(
        case=case, title="Telepon", due_at=timezone.now() + timedelta(hours=5), owner=world.relawan, by=world.relawan
    )
    assert "WIT" in text_of(as_user(world.relawan).get(url(case)))
