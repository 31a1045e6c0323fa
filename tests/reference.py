"""The reference rows between two tests that really commit: emptied and put back in a blink.

A test in the browser empties every table at its end. Loading cases/data/ again takes seconds, putting the very same rows
back does not; PostgreSQL's TRUNCATE of two hundred tables takes a second, deleting what little is in them does not.
"""

from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations

#: Tables that a flush fills again by itself.
_BY_DJANGO = {"django_content_type", "auth_permission"}

Rows = dict[str, tuple[list[str], list[tuple]]]


def _tables() -> list[str]:
    return [name for name in connection.introspection.django_table_names(only_existing=True) if name not in _BY_DJANGO]


def taken() -> Rows:
    """Every row there is, as the database holds it."""
    rows: Rows = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 (names of our tables)
            if found := cursor.fetchall():
                rows[table] = ([column[0] for column in cursor.description], found)
    return rows


def put_back(rows: Rows) -> None:
    """The same rows in empty tables."""
    quote = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:
        for table, (columns, values) in rows.items():
            names, marks = ", ".join(map(quote, columns)), ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({marks})", values)  # noqa: S608


def flush_quickly() -> None:
    """Let PostgreSQL delete the rows of the tables that have any, instead of truncating them all."""

    def sql_flush(self, style, tables, *, reset_sequences=False, allow_cascade=False):
        quote = self.quote_name
        if not tables:
            return []
        with self.connection.cursor() as cursor:
            parts = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quote(name)})" for name in tables]  # noqa: S608
            cursor.execute(" UNION ALL ".join(parts))
            full = [name for (name,) in cursor.fetchall()]
        # Foreign keys and the triggers that keep the logs append-only do not hold for this role.
        deletes = [f"DELETE FROM {quote(name)}" for name in full]  # noqa: S608
        return ["SET session_replication_role = replica", *deletes, "SET session_replication_role = DEFAULT"]

    DatabaseOperations.sql_flush = sql_flush
