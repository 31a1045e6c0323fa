"""Counting rows of several questions in one statement."""

from django.db.models import IntegerField, QuerySet, Subquery


class RowCount(Subquery):
    """How many rows a question finds, as one subquery of a larger statement; with ``cap`` no further than one above it."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"

    def __init__(self, queryset: QuerySet, *, cap: int | None = None, **extra):
        rows = queryset.order_by().values("pk")
        super().__init__(rows[: cap + 1] if cap else rows, output_field=IntegerField(), **extra)
