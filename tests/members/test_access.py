import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from members.models import AccessLog, AccessSeal, AppendOnly
from members.services import access
from tests.factories import make_user


@pytest.fixture
def user(db):
    return make_user()


def log(user, **given):
    return access.record(AccessLog.Action.OPEN, by=user, kind="case", uuid=uuid.uuid4(), **given)


def test_a_row_says_who_what_when_and_from_where(user):
    thing = uuid.uuid4()
    before = timezone.now()
    row = access.record(
        AccessLog.Action.REVEAL_NUMBER,
        by=user,
        kind="party",
        uuid=thing,
        reason="nik:letter",
        address="10.0.0.7",
        hits=3,
    )
    row.refresh_from_db()
    assert (row.user, row.action, row.object_kind, row.object_uuid) == (user, "reveal_number", "party", thing)
    assert (row.reason, row.address, row.hits) == ("nik:letter", "10.0.0.7", 3)
    assert before <= row.at <= timezone.now()


def test_a_visitor_leaves_a_row_without_a_user(db):
    assert access.record(AccessLog.Action.REFUSED, by=AnonymousUser()).user is None
    assert access.record(AccessLog.Action.REFUSED, by=None).user is None


def test_long_reasons_and_addresses_are_cut(user):
    row = log(user, reason="r" * 500, address="a" * 100)
    assert (len(row.reason), len(row.address)) == (200, 45)


def test_rows_are_only_added(user):
    row = log(user)
    row.reason = "lain"
    with pytest.raises(AppendOnly):
        row.save()
    with pytest.raises(AppendOnly):
        row.delete()
    with pytest.raises(AppendOnly):
        AccessLog.objects.update(reason="lain")
    with pytest.raises(AppendOnly):
        AccessLog.objects.all().delete()


def test_the_database_refuses_too(user):
    log(user)
    statements = ["UPDATE members_accesslog SET reason = 'x'"]
    if connection.vendor == "postgresql":  # on SQLite a deletion shows in the chain of seals only
        statements.append("DELETE FROM members_accesslog")
    for statement in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert AccessLog.objects.get().reason == ""


def test_rows_are_sealed_once_they_have_settled(user):
    rows = [log(user) for _ in range(5)]
    assert access.seal(now=timezone.now()) == 0, "a transaction may still be open"
    later = timezone.now() + timedelta(minutes=2)
    assert access.seal(now=later, limit=3) == 3
    assert access.seal(now=later) == 2
    assert access.seal(now=later) == 0
    assert list(AccessSeal.objects.values_list("log", flat=True)) == [row.pk for row in rows]
    assert AccessSeal.objects.first().previous_hash == access.GENESIS
    assert access.broken_seals() == []


def tamper(statement):
    """Change a row as somebody with the database in hand would: past the triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a foreign key still to be checked locks the table
            cursor.execute("ALTER TABLE members_accesslog DISABLE TRIGGER USER")
        else:
            names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'members_accesslog'"
            for (name,) in cursor.execute(names).fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE members_accesslog ENABLE TRIGGER USER")


def test_a_changed_row_is_found(user):
    rows = [log(user) for _ in range(4)]
    access.seal(now=timezone.now() + timedelta(minutes=2))
    tamper(f"UPDATE members_accesslog SET reason = 'x' WHERE id = {rows[1].pk}")  # noqa: S608
    assert access.broken_seals() == [rows[1].pk]


def test_a_row_cut_out_with_its_seal_is_found(user):
    rows = [log(user) for _ in range(4)]
    access.seal(now=timezone.now() + timedelta(minutes=2))
    AccessSeal.objects.filter(log=rows[1]).delete()
    assert access.broken_seals() == [rows[2].pk]
