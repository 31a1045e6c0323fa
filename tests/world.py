"""Fixtures every test may use; tests/conftest.py imports them."""

import pytest

from cases.models import EmergencyLine, EventType, Outcome, ProblemFamily, ProblemType, RedFlag
from cases.services import catalogue as catalogue_service
from members.models import BodyKind, OrganisationKind, Region, Sector, Vulnerability
from tests import reference
from tests.factories import World, make_case


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database with the reference rows of cases/data/, loaded once: they are 600 regions and more."""
    reference.flush_quickly()
    with django_db_blocker.unblock():
        catalogue_service.load()
        return reference.taken()


@pytest.fixture
def catalogue(db, django_db_setup):
    """The reference rows; put back where a transactional test has emptied the database."""
    if not EventType.objects.exists():
        reference.put_back(django_db_setup)


@pytest.fixture
def bare(db):
    """A database without reference rows, as a first start finds it."""
    for table in reversed(catalogue_service.LAW):
        table.model.objects.all().delete()
    kinds = (OrganisationKind, BodyKind, Sector, Vulnerability)
    for model in (ProblemType, ProblemFamily, EventType, Outcome, EmergencyLine, RedFlag, *kinds):
        model.objects.all().delete()
    Region.objects.filter(parent__isnull=False).delete()
    Region.objects.all().delete()


@pytest.fixture
def world(catalogue):
    return World()


@pytest.fixture
def case(world):
    """An urgent running case of the desk, carried by the relawan."""
    return make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, place=world.place)


@pytest.fixture
def as_user(client):
    """Sign a user in: ``as_user(world.relawan).get("/")``."""

    def sign_in(user):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in
