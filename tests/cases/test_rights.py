"""What one statement says of one case is what `permitted` says of many: over every kind of user and case."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from cases.models import Case, CaseBar, CaseShare, HandOver, Outcome
from cases.services import carrying, closing, rights
from members.models import User
from members.rules.roles import Permission
from tests.factories import make_case, make_region, make_user

pytestmark = pytest.mark.django_db
ASKED = {
    "view": Permission.CASE_VIEW,
    "work": Permission.CASE_WORK,
    "assign": Permission.CASE_ASSIGN,
    "take": Permission.CASE_TAKE,
}


@pytest.fixture
def cases(world):
    """Every way in which a case can stand to somebody."""

    def make(name, **fields):
        fields = {"desk": world.desk, "by": world.relawan, "title": name, **fields}
        return make_case(**fields)

    now = timezone.now()
    made = [
        make("dipegang", assignee=world.relawan),
        make("belum ada relawan"),
        make("terbatas", assignee=world.relawan, is_restricted=True),
        make("terbatas, belum ada relawan", is_restricted=True),
        make("terbatas, dipegang koordinator", assignee=world.koordinator, is_restricted=True),
        make("posko lain", desk=world.other_desk, assignee=world.outsider),
    ]
    offered = make("ditawarkan", assignee=world.relawan)
    carrying.offer(
        case=offered,
        to=world.outsider,
        without_consent=True,
        reason="Malam ini juga",
        next_step="Telepon",
        by=world.relawan,
    )
    closed = make("ditutup", assignee=world.relawan)
    closing.close(case=closed, outcome=Outcome.objects.first(), by=world.relawan)
    for is_restricted in (False, True):
        to_person = make("dibagikan ke orang", is_restricted=is_restricted)
        to_unit = make("dibagikan ke posko", is_restricted=is_restricted)
        ended = make("pernah dibagikan", is_restricted=is_restricted)
        common = {"from_at": now - timedelta(days=2), "shared_by": world.koordinator}
        CaseShare.objects.create(case=to_person, user=world.outsider, **common)
        CaseShare.objects.create(case=to_unit, organisation=world.other_desk, **common)
        CaseShare.objects.create(case=ended, user=world.outsider, until_at=now - timedelta(days=1), **common)
        made += [to_person, to_unit, ended]
    hidden = [
        make("disembunyikan dari posko", assignee=world.relawan),
        make("disembunyikan, belum ada relawan"),
        make("disembunyikan, dipegang orang posko lain", desk=world.other_desk, assignee=world.relawan),
        make("disembunyikan dan terbatas", assignee=world.outsider, is_restricted=True),
    ]
    for case in hidden:
        for unit in (world.desk, world.other_desk):
            CaseShare.objects.create(case=case, organisation=unit, from_at=now, shared_by=world.koordinator)
            CaseBar.objects.create(case=case, organisation=unit, logged_at=now)
        HandOver.objects.create(
            case=case, from_user=world.relawan, to_user=world.relawan2, next_step="x", offered_at=now
        )
    CaseShare.objects.create(case=hidden[0], user=world.koordinator, from_at=now, shared_by=world.relawan)
    lifted = make("pernah disembunyikan", assignee=world.relawan)
    CaseBar.objects.create(case=lifted, organisation=world.dpw, logged_at=now, ended_at=now)
    above = make("disembunyikan dari wilayah", assignee=world.outsider)
    CaseBar.objects.create(case=above, organisation=world.dpw, logged_at=now)
    return [*made, offered, closed, *hidden, lifted, above]


def test_rights_are_those_of_permitted(world, cases, django_assert_num_queries):
    far = make_user("wilayah", role="coordinator", at=world.dpw)
    far.appointments.update(region=make_region("73.71", "Kota Makassar"))
    resting = make_user("nonaktif", role="coordinator", at=world.desk, is_active=False)
    assert {far, resting} <= set(User.objects.all())
    for user in User.objects.all():
        allowed = {
            name: set(Case.objects.permitted(user, permission).values_list("pk", flat=True))
            for name, permission in ASKED.items()
        }
        for case in cases:
            found = rights.case_of(user, case.uuid)
            expected = {name: case.pk in pks for name, pks in allowed.items()}
            if not expected["view"]:
                assert found is None, (user.username, case.title)
                continue
            row, has = found
            assert row == case
            assert {name: getattr(has, name) for name in ASKED} == expected, (user.username, case.title)


def test_one_statement(world, case, django_assert_num_queries):
    with django_assert_num_queries(1):
        rights.case_of(world.relawan, case.uuid)


def test_nobody_has_no_rights(case):
    assert rights.case_of(AnonymousUser(), case.uuid) is None
