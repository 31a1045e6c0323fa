"""The tables of an empty SQLite file in two seconds: made once as they are now, not step by step as they came to be.

Django draws the whole family of models anew for each step of a migration, which for a hundred models takes most of a
minute; all steps together end where the models of the last one stand. A test compares both ways table by table.
Every other database, and every one that holds a table already, is migrated as usual.
"""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.executor import MigrationExecutor

OUR_APPS = ("members", "cases")


def make(connection: BaseDatabaseWrapper) -> bool:
    """Make all tables and note every migration as done, in one transaction; False where `migrate` has to do it."""
    if connection.vendor != "sqlite" or connection.introspection.table_names():
        return False
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    state = executor.loader.project_state()
    with connection.schema_editor() as editor:
        for model in state.apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        for migration, _is_backwards in plan:
            for step in migration.operations:
                # Triggers and the like. What moves rows of ours finds none; what others' apps move, neither.
                if migration.app_label in OUR_APPS and isinstance(step, (RunPython, RunSQL)):
                    step.database_forwards(migration.app_label, editor, state, state)
            executor.recorder.record_applied(migration.app_label, migration.name)
    return True
