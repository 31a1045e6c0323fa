import pytest

from members.models import Region
from members.rules.zones import Zone
from members.services.regions import load_regions, zone_of

pytestmark = pytest.mark.django_db


def test_thirty_eight_provinces_and_514_regencies_and_cities(bare):
    assert load_regions() == {"added": 552, "changed": 0}
    assert Region.objects.filter(kind="province", parent=None).count() == 38
    below = Region.objects.exclude(kind="province")
    assert below.count() == 514
    assert not below.filter(parent=None).exists()
    assert below.filter(kind="city").count() == 98
    assert not [region.code for region in below.select_related("parent") if region.parent.code != region.code[:2]]


def test_a_second_load_changes_nothing_and_a_changed_name_comes_back():
    load_regions()
    assert load_regions() == {"added": 0, "changed": 0}
    Region.objects.filter(code="35.09").update(name="Jembrana", zone=Zone.WIT)
    assert load_regions() == {"added": 0, "changed": 1}
    assert Region.objects.get(code="35.09").name == "Kabupaten Jember"


@pytest.mark.parametrize(
    ("zone", "names"),
    [
        (Zone.WIB, ["Aceh", "Lampung", "Banten", "Jawa Timur", "Kalimantan Barat", "Kalimantan Tengah"]),
        (
            Zone.WITA,
            [
                "Bali",
                "Nusa Tenggara Barat",
                "Nusa Tenggara Timur",
                "Kalimantan Selatan",
                "Kalimantan Timur",
                "Kalimantan Utara",
                "Sulawesi Utara",
                "Sulawesi Barat",
                "Gorontalo",
            ],
        ),
        (Zone.WIT, ["Maluku", "Maluku Utara", "Papua", "Papua Barat", "Papua Selatan", "Papua Barat Daya"]),
    ],
)
def test_each_province_has_the_zone_of_its_place(zone, names):
    load_regions()
    assert set(Region.objects.filter(name__in=names).values_list("zone", flat=True)) == {zone}
    assert Region.objects.filter(name__in=names).count() == len(names)


def test_a_regency_has_the_zone_of_its_province():
    load_regions()
    for region in Region.objects.select_related("parent").exclude(parent=None):
        assert region.zone == region.parent.zone == zone_of(region.code)
    provinces = Region.objects.filter(kind="province")
    assert [provinces.filter(zone=zone).count() for zone in (Zone.WIB, Zone.WITA, Zone.WIT)] == [18, 12, 8]
