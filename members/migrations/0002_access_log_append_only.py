"""The database itself refuses to change a row of the access log (TRUST R47).

On SQLite deleting stays possible (Django's own flush deletes row by row); a deleted row breaks the chain of seals.
"""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION access_log_is_append_only() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'The access log is only ever added to.'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON members_accesslog
FOR EACH ROW EXECUTE FUNCTION access_log_is_append_only();
"""
POSTGRESQL_BACK = """
DROP TRIGGER access_log_append_only ON members_accesslog;
DROP FUNCTION access_log_is_append_only();
"""
SQLITE = """
CREATE TRIGGER access_log_append_only BEFORE UPDATE ON members_accesslog
BEGIN SELECT RAISE(ABORT, 'The access log is only ever added to.'); END
"""


def add(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_BACK)
    else:
        schema_editor.execute("DROP TRIGGER access_log_append_only")


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
