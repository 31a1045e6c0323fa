"""The index of searches (ADR 21): the table, and what each database searches it by."""

import django.db.models.deletion
from django.db import ProgrammingError, migrations, models

ASK_FOR_IT = """Searching names with spelling errors needs the extension pg_trgm, and this database user may not add it.
Let an administrator of PostgreSQL run once, in this database:

    CREATE EXTENSION pg_trgm;

(the package postgresql-contrib must be installed), and start again."""

POSTGRESQL = """
ALTER TABLE cases_casewords ADD COLUMN vector tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('simple'::regconfig, names), 'A') || to_tsvector('simple'::regconfig, words)
) STORED;
CREATE INDEX casewords_vector ON cases_casewords USING gin (vector);
CREATE INDEX casewords_names ON cases_casewords USING gin (names gin_trgm_ops);
CREATE INDEX casewords_inside ON cases_casewords USING gin ((names || ' ' || words) gin_trgm_ops);
"""

#: The triggers live and go with the table: a later migration that makes SQLite build it anew must add them again.
SQLITE = (
    "CREATE VIRTUAL TABLE cases_casewords_fts USING fts5("
    "names, words, content='cases_casewords', content_rowid='case_id', tokenize='trigram')",
    "CREATE TRIGGER casewords_added AFTER INSERT ON cases_casewords BEGIN "
    "INSERT INTO cases_casewords_fts(rowid, names, words) VALUES (new.case_id, new.names, new.words); END",
    "CREATE TRIGGER casewords_removed AFTER DELETE ON cases_casewords BEGIN "
    "INSERT INTO cases_casewords_fts(cases_casewords_fts, rowid, names, words) "
    "VALUES ('delete', old.case_id, old.names, old.words); END",
    "CREATE TRIGGER casewords_changed AFTER UPDATE ON cases_casewords BEGIN "
    "INSERT INTO cases_casewords_fts(cases_casewords_fts, rowid, names, words) "
    "VALUES ('delete', old.case_id, old.names, old.words); "
    "INSERT INTO cases_casewords_fts(rowid, names, words) VALUES (new.case_id, new.names, new.words); END",
)


def add_trigrams(schema_editor):
    """The extension, where it is not there yet: since PostgreSQL 13 the owner of a database may add it."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        if cursor.fetchone():
            return
    try:
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except ProgrammingError as refusal:
        raise ProgrammingError(ASK_FOR_IT) from refusal


def add(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        add_trigrams(schema_editor)
        schema_editor.execute(POSTGRESQL)
    else:
        for statement in SQLITE:
            schema_editor.execute(statement)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE cases_casewords_fts")


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_rule_programmes")]
    operations = [
        migrations.CreateModel(
            name="CaseWords",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                ("names", models.TextField(blank=True)),
                ("words", models.TextField(blank=True)),
            ],
            options={"verbose_name": "words of a case", "verbose_name_plural": "words of cases"},
        ),
        migrations.RunPython(add, remove),
    ]
