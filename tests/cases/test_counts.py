"""Dated counts: every source side by side with its day, and how it went."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Outcome, Programme
from cases.reports import counts as report
from cases.rules.codes import EventCode
from cases.rules.errors import CaseIsClosed, Refused
from cases.services import closing, counts

pytestmark = pytest.mark.django_db


def url(case):
    return reverse("cases:counts", args=[case.uuid])


def text_of(response):
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(page.replace("&#x27;", "'").split())


@pytest.fixture
def count(world, case):
    def count(number, what="affected", source="PUK", **given):
        return counts.add(case=case, what=what, number=number, source=source, by=world.relawan, **given)

    return count


def test_two_sources_are_kept_and_stand_side_by_side(count, case):
    """C2.3: two sources kept."""
    count(244, source="PUK", on_date=date(2026, 1, 5))
    count(290, source="HRD", on_date=date(2026, 1, 6))
    (group,) = report.of_case(case)
    assert [(row.source, row.number) for row in group.latest] == [("PUK", 244), ("HRD", 290)]
    assert group.differs


def test_one_source_that_counts_again_is_history_and_no_quarrel(count, case):
    count(300, source="puk ", on_date=date(2026, 1, 9))
    count(244, source="PUK", on_date=date(2026, 1, 5))
    (group,) = report.of_case(case)
    assert [row.number for row in group.rows] == [244, 300]
    assert [row.number for row in group.latest] == [300]
    assert not group.differs


def test_workers_and_registered_are_two_things_and_so_are_two_programmes(count, case):
    """RC28: a company registers only a part: workers against registered."""
    count(1200, what="workers")
    count(300, what="registered", programme=Programme.objects.get(code="JKN"))
    count(280, what="registered", programme=Programme.objects.get(code="JKK"))
    assert len(report.of_case(case)) == 3
    assert not any(group.differs for group in report.of_case(case))


def test_the_words_of_a_count_are_the_same_under_other_capitals(count, case):
    count(10, what="other", what_text="Truk sampah")
    count(12, what="other", what_text="  truk   SAMPAH", source="HRD")
    (group,) = report.of_case(case)
    assert (group.label, group.differs) == ("Truk sampah", True)


def test_three_days_make_a_picture_of_the_right_shape(count, case):
    for day, number in ((1, 0), (2, 50), (5, 100)):
        count(number, on_date=date(2026, 1, day))
    (group,) = report.of_case(case)
    first, second, last = group.points
    assert (first.x, first.y) == (report.ROOM, report.HEIGHT - report.ROOM)
    assert (last.x, last.y) == (report.WIDTH - report.ROOM, report.ROOM)
    assert second.x == report.ROOM + (report.WIDTH - 2 * report.ROOM) // 4
    assert second.y == report.HEIGHT // 2


def test_two_days_make_no_picture_and_nothing_but_noughts_does_not_break_one(count, case):
    for day in (1, 2):
        count(0, on_date=date(2026, 1, day))
    assert report.of_case(case)[0].points == []
    count(0, on_date=date(2026, 1, 3))
    assert len(report.of_case(case)[0].points) == 3


@pytest.mark.parametrize(
    "given",
    [
        {"on_date": timezone.localdate() + timedelta(days=2)},
        {"number": counts.MOST + 1},
        {"number": -1},
        {"what": "other", "what_text": " "},
    ],
)
def test_what_nobody_means_is_refused_and_nothing_is_kept(count, case, given):
    with pytest.raises(Refused):
        count(given.pop("number", 5), **given)
    assert not case.casecounts.exists()


def test_the_event_holds_ids_and_no_words(count, case):
    row = count(244, source="Ketua PUK Budi", what_text="shift malam")
    event = case.events.latest("pk")
    assert (event.type.code, event.text) == (EventCode.COUNTED, "")
    assert event.data == {"count": str(row.uuid), "what": "affected"}


def test_numbers_of_people_leave_the_texts(count):
    row = count(2, source="Budi 081234567890", what_text="NIK 3515114107800001")
    assert "081234567890" not in row.source
    assert "3515114107800001" not in row.what_text


def test_a_restricted_case_seals_who_says_so(count, case):
    Case.objects.filter(pk=case.pk).update(is_restricted=True)
    row = count(2, source="Bidan Ani")
    with connection.cursor() as cursor:
        cursor.execute("SELECT source FROM cases_casecount WHERE id = %s", [row.pk])
        assert "Ani" not in cursor.fetchone()[0]
    assert case.casecounts.get().source == "Bidan Ani"


def test_a_closed_case_counts_no_more(count, case, world, as_user):
    count(5)
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.koordinator)
    with pytest.raises(CaseIsClosed):
        count(6)
    client = as_user(world.relawan)
    page = text_of(client.get(url(case)))
    assert "Simpan hitungan ini" not in page
    assert "Buka lagi untuk mencatat" in page
    page = client.post(url(case), {"what": "sick", "number": "7", "source": "Klinik"})
    assert page.status_code == 409
    assert "Klinik" in page.content.decode()
    assert case.casecounts.count() == 1


# The page


def test_a_count_through_the_page_with_its_day_and_source(world, case, as_user):
    client = as_user(world.relawan)
    given = {
        "what": "workers", "number": "8.300", "is_estimate": "on", "source": "Koran", "on_date": "05-01-2026",
        "programme": "JKN", "submit_key": str(uuid4()),
    }  # fmt: skip
    for _ in range(2):
        assert client.post(url(case), given).status_code == 302
    row = case.casecounts.get()
    assert (row.number, row.is_estimate, row.on_date, row.programme.code) == (8300, True, date(2026, 1, 5), "JKN")
    client.post(url(case), {"what": "workers", "number": "8000", "source": "HRD", "programme": "JKN"})
    page = text_of(client.get(url(case)))
    assert "Versinya berbeda" in page
    assert "8.300 perkiraan Koran, Sen, 5 Jan 2026" in page
    assert "8.000 HRD" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"what": ""}, "Pilih apa yang dihitung."),
        ({"what": "hantu"}, "Pilih satu dari daftar."),
        ({"number": ""}, "Isi jumlahnya."),
        ({"number": "banyak"}, "Tulis angka bulat, misalnya 244."),
        ({"number": "1,5"}, "Tulis angka bulat, misalnya 244."),
        ({"number": "-4"}, "Tulis 0 atau lebih."),
        ({"number": "9" * 12}, "Angka ini terlalu besar. Periksa lagi."),
        ({"source": ""}, "Tulis siapa yang berkata begitu."),
        ({"what": "other"}, "Tulis apa yang dihitung."),
        ({"on_date": "31-02-2026"}, "Tanggal ini tidak ada."),
        ({"on_date": "2199-01-01"}, "Hari ini belum tiba."),
        ({"programme": "JAMPERSAL"}, "Pilih satu dari daftar."),
    ],
)
def test_bad_input_is_said_and_nothing_typed_is_lost(world, case, as_user, given, said):
    page = as_user(world.relawan).post(url(case), {"what": "sick", "number": "4", "source": "Klinik Sehat", **given})
    assert page.status_code == 200
    assert said in text_of(page)
    if "source" not in given:
        assert "Klinik Sehat" in page.content.decode()
    assert not case.casecounts.exists()


def test_what_is_not_yours_does_not_exist(world, case, as_user):
    client = as_user(world.outsider)
    assert client.get(url(case)).status_code == 404
    assert client.post(url(case), {"what": "sick", "number": "4", "source": "x"}).status_code == 404
    assert not case.casecounts.exists()


def test_the_page_costs_the_same_however_many_counts(world, case, count, as_user):
    client = as_user(world.relawan)

    def statements():
        with CaptureQueriesContext(connection) as found:
            client.get(url(case))
        return len(found)

    count(1)
    statements()
    few = statements()
    for number in range(6):
        count(number, what="sick", source=f"sumber {number}", programme=Programme.objects.first())
    assert statements() == few
