"""Case numbers under concurrency, on whatever database the suite runs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from cases.models import CaseCounter
from cases.services.numbers import next_number

NOW = datetime(2026, 11, 21, 16, 45, tzinfo=UTC)


@pytest.mark.django_db
def test_a_number_is_short_and_counts_by_year():
    assert next_number(NOW) == "KWL-26-00001"
    assert next_number(NOW) == "KWL-26-00002"
    assert next_number(datetime(2027, 3, 1, tzinfo=UTC)) == "KWL-27-00001"


@pytest.mark.django_db
def test_the_year_turns_in_jakarta():
    assert next_number(datetime(2026, 12, 31, 17, 0, tzinfo=UTC)) == "KWL-27-00001"


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_there_is_no_number():
    with pytest.raises(RuntimeError):
        next_number(NOW)


@pytest.mark.django_db(transaction=True)
def test_a_number_that_was_not_used_comes_back():
    with transaction.atomic():
        next_number(NOW)
        transaction.set_rollback(True)
    with transaction.atomic():
        assert next_number(NOW) == "KWL-26-00001"


def _take(_):
    try:
        with transaction.atomic():
            return next_number(NOW)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_forty_at_once_get_forty_numbers_without_a_gap():
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(_take, range(40)))
    assert sorted(numbers) == [f"KWL-26-{number:05d}" for number in range(1, 41)]
    assert CaseCounter.objects.get().last == 40
