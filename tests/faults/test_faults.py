"""The short fault run inside the suite: calm, kill -9, flush (TRUST R55). All of it: `make faults`."""

import random

import pytest

from tests.faults.scenarios import HEAD, line, run_all, short, short_embedded
from tests.faults.servers import NOT_OURS, free_port, has_servers

pytestmark = [pytest.mark.fault, pytest.mark.slow]


def test_whatever_is_killed_or_forgotten_nothing_is_lost():
    """PostgreSQL and Redis of our own where this machine has their programs; the embedded shape on SQLite everywhere."""
    servers = has_servers()
    seed = random.randrange(10**6)
    scenarios = [short, short_embedded] if servers else [short_embedded]
    results = run_all(scenarios, servers=servers, seed=seed, say=lambda words: None)
    table = "\n".join([f"seed={seed}", HEAD, *map(line, results)])
    assert all(result.is_good for result in results), table
    assert all(result.reminders for result in results), table


def test_only_ports_of_our_own_are_used():
    assert all(free_port() not in NOT_OURS for _ in range(50))
