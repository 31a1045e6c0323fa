"""What others have asked of one's unit: each partner sees only its task (PRACTICE S0.18)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import CaseBar
from cases.services import partners
from tests.factories import make_organisation

pytestmark = pytest.mark.django_db
TASKS = "cases:partner-tasks"


def test_a_partner_sees_its_task_and_nothing_else(world, case, as_user):
    third = make_organisation("LBH Karangsari", parent=world.dpn)
    partners.add(case=case, by=world.relawan, organisation=world.other_desk, task="antar surat ke Dinsos")
    partners.add(case=case, by=world.relawan, organisation=third, task="dampingi mediasi")
    page = as_user(world.outside_koordinator).get(reverse(TASKS))
    assert "antar surat ke Dinsos" in page.text
    assert "dampingi mediasi" not in page.text
    assert "Siti" not in page.text and case.title not in page.text and case.initials not in page.text
    assert as_user(world.outside_koordinator).get(reverse("cases:case-detail", args=[case.uuid])).status_code == 404
    assert as_user(world.relawan).get(reverse(TASKS)).status_code == 404


@pytest.mark.parametrize("how", ["restricted", "hidden", "closed"])
def test_not_of_a_restricted_hidden_or_closed_case(world, case, as_user, how):
    partners.add(case=case, by=world.relawan, organisation=world.other_desk, task="antar surat")
    if how == "restricted":
        type(case).objects.filter(pk=case.pk).update(is_restricted=True)
    elif how == "closed":
        type(case).objects.filter(pk=case.pk).update(status="closed", closed_at=timezone.now(), outcome=1)
    else:
        CaseBar.objects.create(
            case=case, organisation=world.other_desk, logged_at=timezone.now(), logged_by=world.relawan
        )
    assert "antar surat" not in as_user(world.outside_koordinator).get(reverse(TASKS)).text


def test_many_tasks_cost_no_more_than_few(world, case, as_user, django_assert_max_num_queries):
    for number in range(12):
        partners.add(case=case, by=world.relawan, organisation=world.other_desk, task=f"tugas {number}")
    client = as_user(world.outside_koordinator)
    client.get(reverse(TASKS))
    with django_assert_max_num_queries(16):
        assert client.get(reverse(TASKS)).status_code == 200
