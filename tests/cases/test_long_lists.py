"""A list too long to be made at once: a worker makes it, whole, for whoever ordered it and may still see what is in it."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from cases import tasks
from cases.forms import lists, made_lists
from cases.models import Case, CaseParty, CaseTag, Printout
from cases.rules.printing import PrintState
from cases.services import follow_ups
from cases.views import exports
from members.models import AccessLog, Message
from tests.factories import make_case

pytestmark = pytest.mark.django_db
EXPORT, TODO = reverse("cases:case-export"), "/tindak-lanjut/?siapa=semua&jenis=general"


@pytest.fixture
def long(world, monkeypatch):
    """Five cases of the desk with one thing to do each, where three rows are already many."""
    monkeypatch.setattr(made_lists, "AT_ONCE", 3)
    monkeypatch.setattr(made_lists, "_EVERY", 1)
    for module in (lists, exports):
        monkeypatch.setattr(module, "CAP", 2)
    now = timezone.now()
    rows = []
    for at in range(5):
        case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, title="Siti ditolak di IGD")
        due = now + timedelta(days=at + 1)
        follow_ups.schedule(case=case, title="Telepon Siti", due_at=due, owner=world.relawan, by=world.relawan)
        CaseTag.objects.create(case=case, label="ugd", tagged_at=now, tagged_by=world.relawan)
        rows.append(case)
    return rows


def made(client, answer):
    """The paper an answer leads to, made by the worker, and its file."""
    assert answer.status_code == 302
    row = Printout.objects.latest("pk")
    assert answer.url == reverse("cases:printout", args=[row.uuid])
    page = client.get(answer.url).content.decode()
    assert "Berkas sedang dibuat." in page and "<progress" in page
    tasks.make_papers()
    row.refresh_from_db()
    assert row.state == PrintState.DONE, row.fault
    return row, client.get(reverse("cases:printout-file", args=[row.uuid]))


def csv_of(answer) -> list[str]:
    return [row[0] for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")][1:]


def test_the_list_of_cases_is_made_whole_in_its_order(world, long, as_user):
    client, key = as_user(world.koordinator), uuid4()
    page = client.get(EXPORT + "?label=ugd&urut=baru")
    assert "dibuat di belakang layar" in page.content.decode()
    asked = {"kolom": ["nomor", "inisial"], "berkas": "xlsx", "submit_key": key}
    row, answer = made(client, client.post(EXPORT + "?label=ugd&urut=baru", asked))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert [each[0] for each in sheet.iter_rows(min_row=2, values_only=True)] == [
        case.number for case in sorted(long, key=lambda case: (case.created_at, case.pk), reverse=True)
    ]
    assert answer["Content-Disposition"] == f'attachment; filename="daftar-{str(row.uuid)[:8]}.xlsx"'
    assert Message.objects.filter(recipient=world.koordinator, kind="printout_ended").exists()
    assert AccessLog.objects.filter(action="export", object_uuid=row.uuid, hits=5).exists()
    client.post(EXPORT + "?label=ugd&urut=baru", asked)
    assert Printout.objects.count() == 1
    assert "ugd" not in str(row.params)


def test_another_list_is_made_whole_with_its_filters(world, long, as_user):
    client = as_user(world.koordinator)
    page = client.get(TODO).content.decode()
    assert "dibuat di belakang layar" in page and "berkas=csv" not in page
    assert client.get(TODO + "&berkas=csv").status_code == 302
    assert not Printout.objects.exists()
    _row, answer = made(client, client.post(TODO, {"berkas": "csv"}))
    assert csv_of(answer) == [case.number for case in long]
    assert "Siti" not in answer.content.decode()


def test_what_may_no_longer_leave_is_not_in_it(world, long, as_user):
    client = as_user(world.relawan)
    ordered = client.post(EXPORT, {"kolom": ["nomor"], "berkas": "csv"})
    Case.objects.filter(pk=long[0].pk).update(is_restricted=True, restriction="other")
    Case.objects.filter(pk=long[1].pk).update(assignee=world.relawan2)
    _row, answer = made(client, ordered)
    assert sorted(csv_of(answer)) == sorted(case.number for case in long[2:])


def test_it_closes_with_the_right_to_a_case_in_it_and_wants_a_fresh_sign_in(world, long, as_user, settings):
    client = as_user(world.koordinator)
    row, answer = made(client, client.post(TODO, {"berkas": "csv"}))
    assert answer.status_code == 200
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    url = reverse("cases:printout-file", args=[row.uuid])
    assert client.get(url).url.startswith("/akun/pastikan/")
    assert client.post(TODO, {"berkas": "csv"}).url.startswith("/akun/pastikan/")
    Case.objects.filter(pk=long[0].pk).update(desk=world.other_desk)
    assert client.get(url).status_code == 404


def test_more_than_a_file_may_hold_is_said_and_not_cut(world, long, as_user, monkeypatch):
    client = as_user(world.koordinator)
    ordered = client.post(TODO, {"berkas": "csv"})
    monkeypatch.setattr(made_lists, "MOST_ROWS", 4)
    assert "lebih dari 4 baris" in client.post(TODO, {"berkas": "csv"}, follow=True).content.decode()
    answer = client.post(EXPORT, {"kolom": ["nomor"], "berkas": "csv"})
    assert answer.status_code == 409 and "lebih dari 4 baris" in answer.content.decode()
    assert Printout.objects.count() == 1
    tasks.make_papers()
    assert "Persempit" in client.get(ordered.url).content.decode()


def test_rows_are_read_one_after_the_other(world, long, as_user, monkeypatch):
    """While the first row is written the last is not yet read: memory does not grow with the list."""
    monkeypatch.setattr("cases.reports.case_table._CHUNK", 1)
    read = []
    before = Case.from_db.__func__

    def counting(cls, *args):
        read.append(1)
        return before(cls, *args)

    monkeypatch.setattr(Case, "from_db", classmethod(counting))
    rows = made_lists.case_table.table(Case.objects.all(), ["nomor"], zone="Asia/Jakarta").rows
    next(iter(rows))
    assert len(read) < Case.objects.count()
    assert CaseParty.objects.exists()
