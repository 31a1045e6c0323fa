"""The half of the access matrix that is about /kelola/."""

import pytest

from tests.access.test_matrix import cells, check

TABLES = sorted({name.rsplit("_", 1)[0] for name, _thing in cells() if name.startswith("admin:") and "_" in name})


@pytest.mark.parametrize("table", [name for name in TABLES if name.startswith("admin:members")])
def test_who_gets_what_of_people_and_organisations(world, table):
    check(world, lambda name, _thing: name.rsplit("_", 1)[0] == table)


def test_who_gets_what_of_the_catalogue(world):
    check(world, lambda name, _thing: name.startswith("admin:cases"))


def test_who_gets_what_of_the_frame(world):
    check(world, lambda name, _thing: name.startswith("admin:") and "members_" not in name and "cases_" not in name)
