"""The demo is alive at every hour, tells the 33 stories in words of our own, and touches no database but an empty one."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone

from cases.demo.moments import moment, span
from cases.demo.stories import tell_stories
from cases.demo.union import build_union, read
from cases.models import (
    Attachment,
    Attempt,
    Case,
    CaseCount,
    CasePaper,
    CasePartner,
    CaseParty,
    Claim,
    Commitment,
    Consent,
    Event,
    FollowUp,
    HandOver,
    Letter,
    MoneyLine,
    Outcome,
)
from cases.rules.codes import Actor, CaseKind, HandOverState, Status, Urgency
from cases.rules.registers import MISSING, Answer, LetterState, MoneyKind, PaperState, Promise, Purpose, Term
from cases.rules.rupiah import balance
from cases.services import catalogue as catalogue_service
from members.models import Body, Organisation, User
from members.rules.roles import Permission, Role

STORIES = read("cases")
TOLD = {
    "RC01", "RC02", "RC05", "RC08", "RC09", "RC11", "RC13", "RC14", "RC17", "RC19", "RC20", "RC22", "RC24", "RC26",
    "RC28", "RC29", "RC31", "RC34", "RC36", "RC38", "RC41", "RC43", "RC45", "RC47", "RC48", "RC52", "RC54", "RC56",
    "RC59", "RC61", "RC63", "RC65", "RC67",
}  # fmt: skip
FINGERPRINTS = set(
    re.sub(r"^#.*$", "", (Path(__file__).parent / "real_cases.fingerprints").read_text(), flags=re.MULTILINE).split()
)
INITIALS = re.compile(r"([A-Z]\.)*")
#: Sub-cases that come from a list of names, not from a story.
LISTED = 3


def texts(value):
    """Every text inside a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from texts(item)


# --- The files ---


def test_all_stories_are_told_and_one_of_them_twice():
    """RC56-2 is the same patient logged by a second relawan: how a case ends as void."""
    assert sorted(TOLD | {"RC56-2"}) == sorted(story["id"] for story in STORIES)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["id"])
def test_a_story_is_told_in_words_of_our_own(story):
    for text in texts(story):
        text = " ".join(text.lower().split())
        runs = (text[at : at + 21] for at in range(len(text) - 20))
        assert not [run for run in runs if hashlib.sha256(run.encode()).hexdigest()[:8] in FINGERPRINTS]


def test_what_was_promised_to_a_desk_is_told_in_words_of_our_own():
    for text in texts(read("desks")):
        test_a_story_is_told_in_words_of_our_own(text)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["id"])
def test_people_are_initials_with_invented_phones(story):
    for party in story["form"]["parties"]:
        assert INITIALS.fullmatch(party["name"]), party["name"]
        assert re.fullmatch(r"0812 0000 \d{4}|", party.get("phone", ""))
    for step in story["steps"]:
        assert not [name for name in step.get("names", []) if not INITIALS.fullmatch(name)]


# --- The moments ---

NOW = datetime(2026, 11, 21, 17, 5, tzinfo=UTC)  # 00.05 WIB on Sunday the 22nd


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("-2d4h", NOW - timedelta(days=2, hours=4)),
        ("-35m", NOW - timedelta(minutes=35)),
        ("now+3h", NOW + timedelta(hours=3)),
        ("-1d@23:45", datetime(2026, 11, 21, 16, 45, tzinfo=UTC)),
        ("+1d@08:30", datetime(2026, 11, 23, 1, 30, tzinfo=UTC)),
        ("then+15m", NOW - timedelta(minutes=45)),
        ("then+2h", NOW),  # a step never lies ahead
    ],
)
def test_moments(text, meant):
    assert moment(text, now=NOW, zone="Asia/Jakarta", then=NOW - timedelta(hours=1)) == meant


@pytest.mark.parametrize("text", ["", "yesterday", "-", "now+", "2h", "then+5x"])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(ValueError, match="Not a"):
        moment(text, now=NOW, zone="Asia/Jakarta", then=NOW)
    with pytest.raises(ValueError, match="Not a span"):
        span(text.partition("+")[2] or "x")


def test_a_story_cannot_begin_after_nothing():
    with pytest.raises(ValueError, match="nothing before"):
        moment("then+5m", now=NOW, zone="Asia/Jakarta")


# --- The living demo ---


@pytest.fixture
def demo(db):
    """The demo of now: the union, and the cases by the id of their story."""
    now = timezone.now()
    catalogue_service.load()
    union = build_union(password="kereta malam", now=now)
    return union, tell_stories(union, now=now), now


def test_every_stage_is_seen(demo):
    _union, cases, now = demo
    open_cases = Case.objects.open()
    assert open_cases.filter(status=Status.NEW, assignee=None, urgency=Urgency.EMERGENCY).exists()
    assert open_cases.filter(status=Status.RUNNING, urgency=Urgency.URGENT).exists()
    assert Case.objects.overdue(now).count() >= 3
    assert Case.objects.silent_since(now - timedelta(hours=72)).count() >= 3
    assert open_cases.filter(next_actor=Actor.BODY).count() >= 3
    assert set(HandOver.objects.values_list("state", flat=True)) >= {
        HandOverState.OFFERED, HandOverState.ACCEPTED, HandOverState.DECLINED,
    }  # fmt: skip
    unanswered = HandOver.objects.get(case=cases["RC02"])
    assert unanswered.state == HandOverState.OFFERED
    assert now - unanswered.offered_at > timedelta(hours=2)
    assert {case.outcome for case in Case.objects.exclude(outcome=None)} == set(Outcome.objects.all())
    assert Case.objects.exclude(died_at=None).filter(status=Status.CLOSED).exists()
    assert Case.objects.exclude(died_at=None).filter(status=Status.RUNNING).exists()
    assert set(Case.objects.values_list("zone", flat=True)) == {"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"}
    assert Case.objects.filter(kind=CaseKind.COLLECTIVE).count() >= 5
    assert cases["RC13"].parent == cases["RC14"]
    assert Claim.objects.values("case", "topic").distinct().count() < Claim.objects.count()
    assert Attachment.objects.count() == 3
    assert Case.objects.filter(is_restricted=True).get() == cases["RC52"]


def test_nothing_happened_in_the_future_and_every_open_case_has_a_plan(demo):
    _union, cases, now = demo
    assert not Event.objects.filter(happened_at__gt=now).exists()
    assert not Event.objects.filter(logged_at__gt=now).exists()
    for case in Case.objects.open().exclude(parent=cases["RC11"]):  # of a list one plan of the collective case asks
        assert case.next_due_at, case
        assert case.follow_ups.open().count() <= 3
    assert not FollowUp.objects.open().filter(case__status=Status.CLOSED).exists()


def test_the_relawan_finds_something_to_do_and_the_coordinator_something_to_see(demo):
    union, cases, now = demo
    relawan, koordinator = union.users["relawan"], union.users["koordinator"]
    mine = Case.objects.open().filter(assignee=relawan)
    assert mine.filter(next_due_at__lt=now).exists()
    assert mine.filter(next_due_at__range=(now, now + timedelta(hours=12))).exists()
    assert mine.filter(next_due_at__gt=now + timedelta(hours=12)).exists()
    assert HandOver.objects.filter(to_user=relawan, state=HandOverState.OFFERED).exists()
    assert cases["RC08"] in Case.objects.permitted(relawan, Permission.CASE_VIEW)
    seen = Case.objects.permitted(koordinator, Permission.CASE_VIEW)
    assert set(Case.objects.all()) - set(seen) == {cases["RC52"]}  # restricted: named people alone
    assert not Case.objects.permitted(union.users["pimpinan"], Permission.CASE_VIEW).exists()
    assert Case.objects.permitted(union.users["pimpinan"], Permission.FIGURES_VIEW).count() == Case.objects.count() - 1


def test_the_union_has_both_lines_and_everybody_a_role(demo):
    _union, _cases, _now = demo
    assert Organisation.objects.filter(kind__code="plant_unit").count() == 3
    assert Organisation.objects.filter(kind__line="advocacy", is_desk=True).count() == 4
    assert Body.objects.get(name="RS Bina Kasih Karangsari").kinds.count() == 2  # employer and facility at once
    assert Body.objects.filter(verified_on=None).exists()  # places typed freely, for a coordinator to merge
    roles = {role for user in User.objects.all() for role in user.live_roles}
    assert roles == set(Role.values)
    assert all(user.live_roles or user.is_superuser for user in User.objects.all())
    assert not [user for user in User.objects.all() if user.must_pledge]
    # ... and numbers as the profile stores them: a wa.me link takes no other
    assert all(re.fullmatch(r"\+628\d{8,11}|", user.whatsapp) for user in User.objects.all())


def test_no_name_but_initials_stands_on_a_case(demo):
    _union, cases, _now = demo
    users = set(User.objects.values_list("full_name", flat=True))
    for party in CaseParty.objects.select_related("person"):
        assert INITIALS.fullmatch(party.person.full_name), party.person.full_name
    for case in cases.values():
        assert not [name for name in users if name in case.title + case.story]

    # ... and money in a story is not taken for a number of a person
    assert "Rp24.345.000" in cases["RC59"].story
    assert "Rp5.147.671" in cases["RC26"].story
    assert "*" not in "".join(case.story for case in cases.values())


def test_every_book_of_a_case_has_something_in_it(demo):
    _union, cases, now = demo
    for book, fewest in {
        Attempt: 9, Commitment: 9, Letter: 6, MoneyLine: 12, CasePaper: 30, CaseCount: 8, CasePartner: 4, Consent: 15,
    }.items():  # fmt: skip
        assert book.objects.count() >= fewest, book
        assert not book.objects.filter(logged_at__gt=now).exists(), book
    assert cases["RC11"].sub_cases.count() == LISTED


def test_the_relawan_has_asked_three_facilities_in_a_row(demo):
    union, cases, _now = demo
    asked = list(cases["RC20"].attempts.select_related("body"))
    assert [row.answer for row in asked] == [Answer.FULL] * 3 + [Answer.REFUSED] * 2
    assert len({row.body for row in asked}) == 5
    assert all("Katanya penuh" in row.reason and row.logged_by == union.users["relawan"] for row in asked[:3])


def test_promises_end_in_every_way_and_one_is_due_tomorrow(demo):
    union, cases, now = demo
    assert set(Commitment.objects.values_list("state", flat=True)) >= {
        Promise.ASKED, Promise.OPEN, Promise.KEPT, Promise.BROKEN, Promise.REFUSED,
    }  # fmt: skip
    tomorrow = cases["RC11"].commitments.get()
    assert tomorrow.state == Promise.OPEN
    assert (timezone.localdate(tomorrow.due_at) - timezone.localdate(now)).days == 1
    assert tomorrow.follow_up in FollowUp.objects.open().filter(owner=union.users["relawan"])
    standing = Commitment.objects.get(case=None)
    assert (standing.desk, standing.term) == (union.organisations["dpw"], Term.STANDING)
    assert standing in Commitment.objects.permitted(union.users["koordinator"], Permission.CASE_VIEW)
    assert standing.next_review_on > timezone.localdate(now)


def test_a_letter_is_silent_for_sixteen_days_and_another_is_answered(demo):
    _union, cases, now = demo
    letter = cases["RC09"].letters.get()
    assert letter.state == LetterState.SENT
    assert (timezone.localdate(now) - timezone.localdate(letter.sent_at)).days == 16
    assert letter.follow_up.due_at < now and letter.follow_up in FollowUp.objects.open()
    assert cases["RC26"].letters.get().state == LetterState.ANSWERED


def test_papers_money_counts_and_consent_say_something(demo):
    _union, cases, _now = demo
    missing = cases["RC05"].casepapers.filter(state__in=MISSING)
    assert sorted(missing.values_list("paper__code", "state")) == [
        ("dinsos_letter", PaperState.NEEDED), ("facility_letter", PaperState.ASKED),
    ]  # fmt: skip
    detained, buried = (balance(cases[key].moneylines.values_list("kind", "amount")) for key in ("RC59", "RC31"))
    assert (detained.owed, detained.deposit_asked, detained.left) == (24_345_000, 14_607_000, 23_345_000)
    assert (buried.left, buried.donations_in) == (0, 12_300_000)
    assert cases["RC26"].moneylines.filter(kind=MoneyKind.REFUNDABLE).exists()
    for key, what in {"RC11": "affected", "RC24": "inactive"}.items():
        rows = cases[key].casecounts.filter(what=what)
        assert rows.values("number").distinct().count() == rows.values("source").distinct().count() == 2
    told = Consent.objects.filter(case=cases["RC67"])
    assert dict(told.values_list("purpose", "is_given")) == {
        Purpose.HELP: True, Purpose.SHARE: True, Purpose.PUBLISH: True, Purpose.NAME: False,
    }  # fmt: skip


def test_no_book_names_anybody(demo):
    """Whoever speaks for an office is a post there, no name; nobody of the union and no long number is in the books."""
    assert not Commitment.objects.exclude(official="").exists()
    assert not Attempt.objects.exclude(officer="").exists()
    users = set(User.objects.values_list("full_name", flat=True))
    for book in (Attempt, Commitment, Letter, MoneyLine, CasePaper, CaseCount, CasePartner, Consent):
        for row in book.objects.all():
            held = [field.value_from_object(row) for field in row._meta.fields]
            said = " ".join(str(value) for value in held if isinstance(value, str))
            assert not [name for name in users if name in said], row
            assert "*" not in said, row


@pytest.mark.django_db
@pytest.mark.parametrize("hour", ["2026-12-31 17:03", "2026-03-01 22:58"])
def test_the_demo_can_be_made_at_any_hour(hour):
    """Just after midnight in Jakarta on New Year, and before dawn after a month of 28 days."""
    with time_machine.travel(f"{hour}+00:00", tick=False):
        out = StringIO()
        call_command("seed_demo", stdout=out)
        assert Case.objects.count() == len(STORIES) + LISTED
        assert not Event.objects.filter(logged_at__gt=timezone.now()).exists()


# --- The command ---


@pytest.mark.django_db
def test_it_prints_the_logins_and_the_given_password_last(monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "kereta malam ke bandung")
    out = StringIO()
    call_command("seed_demo", stdout=out)
    logins, password = out.getvalue().splitlines()[-2:]
    assert logins.endswith("relawan, koordinator, pimpinan, admin")
    assert password.endswith("kereta malam ke bandung")
    for username in ("relawan", "koordinator", "pimpinan", "admin"):
        assert authenticate(username=username, password="kereta malam ke bandung")


@pytest.mark.django_db
def test_without_a_given_password_each_demo_has_its_own(monkeypatch):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    out = StringIO()
    call_command("seed_demo", stdout=out)
    password = out.getvalue().splitlines()[-1].rpartition(" ")[2]
    assert len(password) >= 16
    assert authenticate(username="relawan", password=password)


@pytest.mark.django_db
def test_a_database_in_use_is_left_as_it_is():
    User.objects.create_user(username="sudah-ada", email="a@example.org", password="x", full_name="Sudah Ada")
    with pytest.raises(CommandError):
        call_command("seed_demo", stdout=StringIO())
    assert User.objects.count() == 1
    assert not Case.objects.exists()
    assert not Organisation.objects.exists()


@pytest.mark.django_db
def test_a_story_that_the_form_refuses_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr(
        "cases.demo.stories.read", lambda name: [STORIES[0] | {"form": STORIES[0]["form"] | {"story": " "}}]
    )
    with pytest.raises(Exception, match=STORIES[0]["id"]):
        call_command("seed_demo", stdout=StringIO())
    assert not User.objects.exists()
    assert not Organisation.objects.exists()
