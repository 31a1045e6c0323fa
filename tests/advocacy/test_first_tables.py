"""The short way to the tables of an empty SQLite file ends exactly where the migrations end."""

import re

import pytest
from django.db import connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from advocacy import first_tables


@pytest.fixture
def empty(tmp_path):
    """A connection to a SQLite file that is not there yet."""
    ours = {**connection.settings_dict, "NAME": str(tmp_path / "new.sqlite3"), "OPTIONS": {}}
    connections["new"] = DatabaseWrapper(ours, alias="new")
    yield connections["new"]
    connections["new"].close()
    del connections["new"]


def tables(database):
    """Everything the file knows of itself; the order of the columns of a table is no difference."""
    with database.cursor() as cursor:
        cursor.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        return {(kind, name, of): parts(sql) if kind == "table" else sql for kind, name, of, sql in cursor.fetchall()}


def parts(sql):
    """The columns and constraints between the brackets of a CREATE TABLE, sorted."""
    head, _, body = sql.partition("(")
    found, depth, start = [], 0, 0
    for at, letter in enumerate(body):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if (letter == "," and depth == 0) or depth < 0:
            found.append(body[start:at].strip())
            start = at + 1
        if depth < 0:
            break
    return [re.sub(r"\s+", " ", head), *sorted(found)]


@pytest.mark.django_db
def test_both_ways_end_at_the_same_tables(empty):
    if connection.vendor != "sqlite":
        assert first_tables.make(connection) is False  # a server is migrated as ever
        return
    assert first_tables.make(empty) is True
    mine, theirs = tables(empty), tables(connection)
    # Tables the tests add beside the migrations are not the product's.
    assert {key: mine.get(key) for key in theirs} == theirs
    assert mine.keys() == theirs.keys()
    applied = MigrationRecorder(connection).applied_migrations().keys()
    assert MigrationRecorder(empty).applied_migrations().keys() == applied


@pytest.mark.django_db
def test_a_file_that_holds_a_table_is_left_to_the_migrations(empty):
    with empty.cursor() as cursor:
        cursor.execute("CREATE TABLE something (id integer)")
    assert first_tables.make(empty) is False
    assert empty.introspection.table_names() == ["something"]
