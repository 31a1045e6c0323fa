"""A place in somebody's own words becomes the body it is, or a new one that nobody has verified (ADR 3)."""

import pytest

from members.models import Body
from members.services import places
from tests.factories import make_region

pytestmark = pytest.mark.django_db


@pytest.fixture
def hospital():
    return Body.objects.create(name="RSUD Cempaka Raya", aliases="RS Cempaka, RSCR", region=make_region())


@pytest.mark.parametrize(
    "text", ["RSUD Cempaka Raya", "rsud  cempaka raya", "R.S.U.D. Cempaka Raya".replace(".", ""), "RS Cempaka", "rscr"]
)
def test_the_same_place_however_it_is_written(hospital, text):
    assert places.find_or_create(text) == hospital
    assert Body.objects.count() == 1


@pytest.mark.parametrize("text", ["RSUD Cempaka", "Cempaka Raya Medika", "RS"])
def test_part_of_a_name_is_another_place(hospital, text):
    fresh = places.find_or_create(text)
    assert fresh != hospital and fresh.verified_on is None


def test_nothing_typed_is_no_place():
    assert places.find_or_create("   ") is None
    assert Body.objects.count() == 0


def test_a_merged_place_leads_on(hospital):
    Body.objects.create(name="RS Cempaka Lama", merged_into=hospital)
    assert places.find_or_create("rs cempaka lama") == hospital


def test_one_name_in_two_regions_is_taken_from_the_region(hospital):
    other = make_region("64.71", "Kota Balikpapan", "Asia/Makassar")
    east = Body.objects.create(name="RSUD Cempaka Raya", region=other)
    assert places.find_or_create("RSUD Cempaka Raya", region=other) == east
    assert places.find_or_create("RSUD Cempaka Raya", region=hospital.region) == hospital


def test_odd_characters_are_no_error():
    for text in ("…", "%_%", "🏥", "'; --", "x" * 500):
        assert places.find_or_create(text) is not None
        list(places.search(text))


def test_a_city_and_a_regency_of_one_name():
    java = make_region("32", "Jawa Barat")
    regency, city = make_region("32.16", "Kabupaten Bekasi"), make_region("32.75", "Kota Bekasi")
    for row in (regency, city):
        row.parent = java
        row.save()
    assert places.find_region("Kota Bekasi") == city
    assert places.find_region("kab. bekasi") == regency
    assert places.find_region("Bekasi") == java
    assert places.find_region("Atlantis") is None
    assert not places.is_named(java, "Bekasi")
    assert places.is_named(city, "bekasi")
