"""Papers that a worker makes: one file however many workers, for one reader, gone after seven days."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseBar, Printout
from cases.rules.errors import Refused
from cases.rules.printing import KEPT, PrintKind, PrintState
from cases.services import attachments, printouts
from cases.services.printouts import LEASE, Built, Fault
from members.models import AccessLog, Appointment, Message
from members.services import vault
from tests.factories import make_case

pytestmark = pytest.mark.django_db


def url(name, row):
    return reverse(f"cases:{name}", args=[row.uuid])


def order(user, desk, **given):
    return printouts.order(kind=PrintKind.DOSSIER, by=user, organisation=desk, params={}, **given)


def showing(*cases):
    """A builder that shows these cases."""

    def build(row, step):
        step(1, 2)
        return Built(b"%PDF-1.7 isi", "application/pdf", "pdf", [case.pk for case in cases])

    return {PrintKind.DOSSIER: build}


@pytest.fixture
def paper(world, case):
    row = order(world.koordinator, world.desk)
    printouts.make(row, showing(case), now=timezone.now())
    row.refresh_from_db()
    return row


# The queue


def test_ordered_made_told_and_taken_out(world, paper, case, as_user):
    assert (paper.state, paper.done, paper.total) == (PrintState.DONE, 2, 2)
    assert vault.fetch(paper.stored_name) == b"%PDF-1.7 isi"
    told = Message.objects.get(recipient=world.koordinator, kind="printout_ended")
    assert told.path == url("printout", paper) and told.channel == "inbox"
    me = as_user(world.koordinator)
    assert "siap" in me.get(reverse("members:inbox")).content.decode()
    page = me.get(url("printout", paper)).content.decode()
    assert url("printout-file", paper) in page and "http-equiv" not in page
    answer = me.get(url("printout-file", paper))
    assert answer.content == b"%PDF-1.7 isi" and answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"] == f'inline; filename="berkas-audiensi-{str(paper.uuid)[:8]}.pdf"'
    row = AccessLog.objects.get(action="export", object_uuid=paper.uuid)
    assert (row.user, row.hits) == (world.koordinator, 1)


def test_the_page_of_one_that_waits_looks_again_without_a_script(world, as_user):
    row = order(world.koordinator, world.desk)
    page = as_user(world.koordinator).get(url("printout", row)).content.decode()
    assert '<noscript><meta http-equiv="refresh"' in page and "<progress" in page
    assert url("printout-file", row) not in page
    assert as_user(world.koordinator).get(url("printout-file", row)).status_code == 404


def test_the_same_form_orders_once(world):
    key = uuid4()
    assert order(world.koordinator, world.desk, submit_key=key) == order(world.koordinator, world.desk, submit_key=key)
    with pytest.raises(Refused):
        order(world.koordinator_atas, world.desk, submit_key=key)


def test_a_unit_of_others_and_an_eleventh_are_refused(world):
    with pytest.raises(Refused):
        order(world.koordinator, world.other_desk)
    for _ in range(printouts.MOST_WAITING):
        order(world.koordinator, world.desk)
    with pytest.raises(Refused):
        order(world.koordinator, world.desk)


def test_of_two_workers_one_makes_it(world, case):
    row = order(world.koordinator, world.desk)
    second = []

    def build(row, step):
        second.append(printouts.make(row, showing(case), now=timezone.now()))
        return Built(b"satu", "application/pdf", "pdf")

    assert printouts.make(row, {PrintKind.DOSSIER: build}, now=timezone.now())
    assert second == [False]
    assert Message.objects.filter(kind="printout_ended").count() == 1


def test_a_worker_that_died_is_followed_by_another_and_its_late_file_is_not_kept(world, case):
    row, now = order(world.koordinator, world.desk), timezone.now()

    def late(row, step):
        assert printouts.make(row, showing(case), now=now + LEASE * 2)  # the lease is over: somebody else takes it
        return Built(b"terlambat", "application/pdf", "pdf")

    assert not printouts.make(row, {PrintKind.DOSSIER: late}, now=now)
    row.refresh_from_db()
    assert row.state == PrintState.DONE and vault.fetch(row.stored_name) == b"%PDF-1.7 isi"
    assert vault.names_older_than(now + timedelta(days=1)) == [row.stored_name]


def test_what_is_renewed_is_not_taken(world, case):
    row, now = order(world.koordinator, world.desk), timezone.now()

    def build(row, step):
        step(1, 3)
        assert not printouts.make(row, showing(case), now=now + LEASE - timedelta(seconds=1))
        return Built(b"x", "application/pdf", "pdf")

    assert printouts.make(row, {PrintKind.DOSSIER: build}, now=now)


def test_it_fails_three_times_and_then_for_good(world, as_user):
    row, now = order(world.koordinator, world.desk), timezone.now()

    def broken(row, step):
        raise ZeroDivisionError

    for _try in range(printouts.TRIES):
        with pytest.raises(ZeroDivisionError):
            printouts.run_waiting({PrintKind.DOSSIER: broken}, now=now)
        now += LEASE * 2
    printouts.run_waiting({PrintKind.DOSSIER: broken}, now=now)
    row.refresh_from_db()
    assert (row.state, row.fault) == (PrintState.FAILED, "tries")
    assert "gagal tiga kali" in as_user(world.koordinator).get(url("printout", row)).content.decode()


def test_a_fault_is_said(world, as_user):
    row = order(world.koordinator, world.desk)

    def empty(row, step):
        raise Fault("nothing")

    printouts.run_waiting({PrintKind.DOSSIER: empty}, now=timezone.now())
    assert "Pilih masa lain" in as_user(world.koordinator).get(url("printout", row)).content.decode()


def test_a_full_disk_is_said(world, case, monkeypatch):
    def full(data):
        raise vault.NoRoom

    monkeypatch.setattr(vault, "keep", full)
    row = order(world.koordinator, world.desk)
    printouts.make(row, showing(case), now=timezone.now())
    row.refresh_from_db()
    assert (row.state, row.fault) == (PrintState.FAILED, "no_room")


def test_one_thrown_away_while_it_is_made_leaves_no_file(world, django_capture_on_commit_callbacks):
    row = order(world.koordinator, world.desk)

    def build(row, step):
        with django_capture_on_commit_callbacks(execute=True):
            printouts.throw_away(row=row)
        return Built(b"x", "application/pdf", "pdf")

    assert not printouts.make(row, {PrintKind.DOSSIER: build}, now=timezone.now())
    assert not vault.names_older_than(timezone.now() + timedelta(days=1))


def test_done_without_a_file_is_impossible(paper):
    for fields in ({"stored_name": ""}, {"state": PrintState.WAITING}, {"done": 3}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Printout.objects.filter(pk=paper.pk).update(**fields)


# Who may take it out


def test_nobody_else(world, paper, as_user):
    for user in (world.relawan, world.koordinator_atas, world.superuser, world.pimpinan):
        for name in ("printout", "printout-file"):
            assert as_user(user).get(url(name, paper)).status_code == 404
        assert as_user(user).post(url("printout-delete", paper)).status_code == 404
    assert AccessLog.objects.filter(action="refused", object_kind="printout").count() == 12


def closed(user, paper, as_user):
    me = as_user(user)
    assert me.get(url("printout-file", paper)).status_code == 404
    assert "tetap tertutup" in me.get(url("printout", paper)).content.decode()


def test_not_after_the_office_has_ended(world, paper, as_user):
    yesterday = timezone.localdate() - timedelta(days=1)
    Appointment.objects.filter(user=world.koordinator).update(from_on=yesterday, until_on=yesterday)
    closed(world.koordinator, paper, as_user)


def test_not_once_a_case_in_it_is_restricted(world, paper, case, as_user):
    Case.objects.filter(pk=case.pk).update(is_restricted=True, restriction="hiv")
    closed(world.koordinator, paper, as_user)


def test_not_once_a_case_in_it_is_hidden_from_the_unit(world, paper, case, as_user):
    CaseBar.objects.create(case=case, organisation=world.desk, logged_at=timezone.now(), logged_by=world.relawan)
    closed(world.koordinator, paper, as_user)


def test_not_once_a_case_in_it_has_moved_away(world, paper, case, as_user):
    Case.objects.filter(pk=case.pk).update(desk=world.other_desk)
    closed(world.koordinator, paper, as_user)


def test_it_is_gone_after_seven_days(world, paper, as_user, django_capture_on_commit_callbacks):
    name, over = paper.stored_name, paper.finished_at + KEPT
    attachments.sweep(now=over)  # a file that a row speaks of stays
    assert vault.fetch(name)
    with django_capture_on_commit_callbacks(execute=True):
        assert printouts.forget_old(now=over - timedelta(seconds=1)) == 0
        assert printouts.forget_old(now=over) == 1
    with pytest.raises(FileNotFoundError):
        vault.fetch(name)
    assert not Printout.objects.exists()


def test_it_is_closed_when_the_sweep_is_late(world, paper, as_user):
    Printout.objects.update(expires_at=timezone.now())
    assert as_user(world.koordinator).get(url("printout-file", paper)).status_code == 404
    assert url("printout", paper) not in as_user(world.koordinator).get(reverse("cases:printouts")).content.decode()


def test_thrown_away_at_once(world, paper, as_user, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = as_user(world.koordinator).post(url("printout-delete", paper))
    assert answer["Location"] == reverse("cases:printouts")
    with pytest.raises(FileNotFoundError):
        vault.fetch(paper.stored_name)


def test_the_list_asks_as_much_for_twenty_as_for_two(world, as_user):
    me = as_user(world.koordinator)

    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            me.get(reverse("cases:printouts"))
        return len(queries)

    order(world.koordinator, world.desk)
    me.get(reverse("cases:printouts"))
    few = asked()
    for _ in range(9):
        order(world.koordinator, world.desk)
    assert asked() == few


def test_what_was_typed_is_cipher(world):
    row = order(world.koordinator, world.desk, content={"demands": ["Kembalikan uang muka Siti"]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, params FROM cases_printout WHERE id = %s", [row.pk])
        assert "Siti" not in str(cursor.fetchone())
    assert printouts.content_of(row) == {"demands": ["Kembalikan uang muka Siti"]}


def test_many_cases_are_asked_in_chunks(world, monkeypatch):
    monkeypatch.setattr(printouts, "_CHUNK", 2)
    cases = [make_case(desk=world.desk, by=world.relawan) for _ in range(5)]
    row = order(world.koordinator, world.desk)
    printouts.make(row, showing(*cases), now=timezone.now())
    row.refresh_from_db()
    assert printouts.may_open(row, world.koordinator, now=timezone.now())
    Case.objects.filter(pk=cases[-1].pk).update(desk=world.other_desk)
    assert not printouts.may_open(row, world.koordinator, now=timezone.now())
