"""The admin in a real browser: trees, offices and choices work, and the strict policy stops nothing of it."""

import pytest

from members.models import Organisation
from members.rules.roles import Role
from tests.browser.steps import fits, sign_in, violations
from tests.factories import make_organisation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LAPTOP = {"width": 1280, "height": 800}


@pytest.fixture(params=["phone", "laptop"])
def page(request, phone):
    if request.param == "laptop":
        phone.set_viewport_size(LAPTOP)
    return phone


def test_every_table_opens_without_a_violation(page, world):
    sign_in(page, world.superuser)
    page.goto("/kelola/")
    tables = page.eval_on_selector_all("#content-main th a", "links => links.map(link => link.getAttribute('href'))")
    assert len(tables) >= 15
    for address in tables:
        page.goto(address)
        assert page.locator("#changelist").count() == 1
        assert fits(page), address
        assert violations(page) == [], address
        first = page.locator("#result_list tbody th a").first
        if first.count():
            page.goto(first.get_attribute("href"))
            assert page.locator("#content-main").count() == 1
            assert fits(page), address
            assert violations(page) == [], address


def test_an_office_is_given_through_the_search_of_a_new_row(page, world):
    sign_in(page, world.admin_federasi)
    page.goto(f"/kelola/members/organisation/{world.desk.pk}/change/")
    page.click("text=Tambahkan Jabatan lagi")
    row = page.locator("#appointments-3")
    row.locator(".select2-selection").first.click()
    page.fill(".select2-search__field", "Tono")
    page.click(".select2-results__option:has-text('Tono Kusuma')")
    row.locator("select[name$=role]").select_option("coordinator")
    page.click("input[name=_save]")
    page.wait_for_url("**/organisation/")
    assert world.outsider.appointments.filter(role=Role.COORDINATOR, organisation=world.desk).exists()


def test_an_organisation_moves(page, world):
    make_organisation("DPC Anak", parent=world.desk)
    sign_in(page, world.admin_federasi)
    page.goto(f"/kelola/members/organisation/{world.desk.pk}/change/")
    page.click("text=Pindahkan")
    page.click(".select2-selection")
    page.fill(".select2-search__field", "Bukit")
    page.click(".select2-results__option:has-text('DPD Bukit Lor')")
    page.click("input[type=submit][value=Pindahkan]")
    page.wait_for_url("**/change/")
    above = Organisation.objects.above(Organisation.objects.get(name="DPC Anak"))
    assert [row.name for row in above][:2] == ["DPD Karangsari", "DPD Bukit Lor"]


def test_an_invitation_shows_its_link_to_copy(page, world):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, world.admin_federasi)
    page.goto("/kelola/members/invitation/add/")
    page.fill("[name=full_name]", "Budi Hartono")
    page.fill("[name=email]", "budi@example.org")
    page.click(".select2-selection")
    page.click(".select2-results__option:has-text('DPD Karangsari')")
    page.click("input[type=submit][value=Undang]")
    page.wait_for_url("**/tautan/")
    link = page.input_value("#tautan")
    assert "/undangan/" in link
    page.click("[data-copy]")
    page.wait_for_selector("text=Tersalin")
    assert page.evaluate("navigator.clipboard.readText()") == link
