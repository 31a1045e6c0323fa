"""The books of a case at a glance: how much stands in each, and what waits."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Attempt, Case, CasePaper, Commitment, Letter, ProblemType
from cases.reports import books
from cases.rules.registers import LetterState, PaperState, Promise, Term
from cases.services import bars
from tests.factories import make_body, make_case, make_organisation

pytestmark = pytest.mark.django_db


def of(case):
    return {
        book.url: book for book in books.of_case(Case.objects.annotate(**books.marks(timezone.now())).get(pk=case.pk))
    }


@pytest.fixture
def full(case, world):
    now = timezone.now()
    common = {"case": case, "logged_at": now, "logged_by": world.relawan}
    for answer in ("full", "refused"):
        Attempt.objects.create(at=now, answer=answer, **common)
    Letter.objects.create(office="RS", state=LetterState.SENT, sent_at=now, **common)
    Letter.objects.create(office="Dinas", **common)
    promise = {**common, "desk": case.desk, "term": Term.DATE}
    Commitment.objects.create(text="Bayar", due_at=now - timedelta(hours=1), **promise)
    Commitment.objects.create(text="Kembalikan", due_at=now + timedelta(days=1), **promise)
    Commitment.objects.create(text="Lama", due_at=now - timedelta(days=3), state=Promise.KEPT, ended_at=now, **promise)
    CasePaper.objects.create(name="SKTM", state_at=now, **common)
    CasePaper.objects.create(name="KTP", state=PaperState.RECEIVED, state_at=now, **common)
    return case


def test_each_book_says_how_much_and_what_waits(full, world):
    found = of(full)
    assert (found["cases:attempts"].entries, found["cases:attempts"].waits) == (2, "")
    assert (found["cases:case-ladder"].entries, found["cases:case-ladder"].waits) == (2, "1 belum dijawab")
    assert (found["cases:case-commitments"].entries, found["cases:case-commitments"].waits) == (3, "1 terlambat")
    assert (found["cases:case-papers"].entries, found["cases:case-papers"].waits) == (2, "1 kurang")
    make_case(desk=world.desk, by=world.relawan, parent=full)
    assert of(full)["cases:collective"].entries == 0, "how many there are is not for everybody"


def test_rows_of_another_case_do_not_count(full, world):
    other = make_case(desk=world.desk, by=world.relawan)
    assert {(book.entries, book.waits) for book in of(other).values()} == {(0, "")}


def test_the_page_says_what_is_missing_first_and_leads_to_every_book(full, as_user, world):
    page = as_user(world.relawan).get(reverse("cases:case-detail", args=[full.uuid])).content.decode()
    assert "1 berkas kurang" in page[: page.index("<h1>")]
    for book in of(full).values():
        assert f'href="{reverse(book.url, args=[full.uuid])}"' in page


def test_a_case_against_the_own_hospital_proposes_to_hide_it(case, as_user, world):
    case.place = make_body("RS Uji Medika")
    case.save()
    assert (
        "Sembunyikan dari unit"
        not in as_user(world.relawan).get(reverse("cases:case-detail", args=[case.uuid])).content.decode()
    )
    union = make_organisation("Serikat Karyawan RS Uji", body=case.place)
    page = as_user(world.relawan).get(reverse("cases:case-detail", args=[case.uuid])).content.decode()
    assert "Sembunyikan dari unit" in page
    bars.hide(case=case, organisation=union, by=world.relawan, reason="Pekerja rumah sakit ini")
    page = as_user(world.relawan).get(reverse("cases:case-detail", args=[case.uuid])).content.decode()
    assert "Sembunyikan dari unit" not in page


@pytest.mark.parametrize(("code", "offered"), [("E03", True), ("A01", False)])
def test_the_union_notice_is_offered_where_the_law_gives_it(case, as_user, world, code, offered):
    case.problem_types.set(ProblemType.objects.filter(code=code))
    page = as_user(world.relawan).get(reverse("cases:case-detail", args=[case.uuid])).content.decode()
    assert (reverse("cases:notice", args=[case.uuid]) in page) is offered
