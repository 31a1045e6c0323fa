"""The organisations of the five source documents: given once, found by every name, left alone afterwards."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from members.models import Affiliation, Body, Organisation, Region
from members.services import known, organisations, trees
from tests.factories import make_body, make_organisation
from tests.members.test_trees import is_sound

#: What the five articles call by name, as they write it (shared/sources), and where it stands.
NAMED = json.loads((Path(__file__).parent.parent / "data" / "named_in_sources.json").read_text())["named"]


@pytest.fixture
def seeded(catalogue):
    known.load()
    return {row.code: row for row in Organisation.objects.exclude(code=None)}


def _place(code):
    """What a code of the list names, as the page of an organisation or body shows it."""
    if code is None:
        return ""
    tables = (Organisation, Body, Region)
    return next(row.name for table in tables for row in table.objects.filter(code=code))


@pytest.mark.parametrize("source", range(5))
def test_every_organisation_a_source_names_is_seeded_with_its_place_and_source(world, as_user, source):
    """Found on the pages by the name the article writes, with what it stands under, in or at, and where we know it from."""
    call_command("seed_reference", stdout=StringIO())
    client = as_user(world.relawan)
    for each in (row for row in NAMED if row["source"] == source):
        if "body" in each:
            row = Body.objects.filter(code=each["body"]).first()
            found, page = reverse("members:directory"), "members:body"
        else:
            row = Organisation.objects.filter(code=each["code"]).first()
            found, page = reverse("members:organisations"), "members:organisation"
        assert row is not None, each
        url = reverse(page, args=[row.uuid])
        assert url in client.get(found, {"q": each["name"]}).text, each
        shown = client.get(url, {"pada": each["day"]} if "day" in each else {}).text
        assert f"S{source}" in shown and _place(each["place"]) in shown, each
    assert not Organisation.objects.exclude(code=None).filter(is_desk=True).exists()
    assert is_sound()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Sejahtera", "ksbsi"),
        ("Seluruh Buruh", "ksbsi"),
        ("Konfederasi ASPEK", "aspek-indonesia"),
        ("Federasi ASPEK", "aspek-indonesia"),
    ],
)
def test_both_names_find_the_one_record(seeded, words, code):
    assert seeded[code] in organisations.search(words)
    assert organisations.search(words).filter(name__icontains=seeded[code].abbreviation[:5]).count() <= 1


def test_aspek_stood_under_kspi_in_september_2025_and_alone_in_november(seeded):
    assert trees.parent_on(seeded["aspek-indonesia"], date(2025, 9, 29)) == seeded["kspi"]
    assert trees.parent_on(seeded["aspek-indonesia"], date(2025, 11, 19)) is None
    assert trees.parent_on(seeded["skkm"], date(2025, 11, 19)) == seeded["aspek-indonesia"]


def test_unions_inside_a_counterpart_and_inside_a_hospital(seeded):
    assert seeded["sp-bpjstk"].body.kinds.filter(code="bpjs_ketenagakerjaan").exists()
    kinds = set(seeded["skkm"].body.kinds.values_list("code", flat=True))
    assert kinds == {"hospital", "employer"}


def test_the_look_alikes_of_kspn(seeded):
    found = [row.abbreviation for row in organisations.look_alikes(name="KSPN")]
    assert found[:2] == ["KSPN", "SPN"]
    assert {"KSPI", "KSPSI", "KSBSI"} <= set(found)
    assert (
        "Konfederasi Serikat Pekerja Indonesia" in next(row for row in organisations.look_alikes(name="SPN")).long_name
        or found
    )


def test_a_second_time_changes_nothing_and_edits_stay(seeded):
    kspi = seeded["kspi"]
    kspi.name, kspi.aliases = "Konfederasi Baru", "KSPI lama"
    kspi.save()
    trees.move(seeded["spn"], parent=None)
    counts = known.load()
    assert counts["added"] == 0
    assert Organisation.objects.get(code="kspi").name == "Konfederasi Baru"
    assert Organisation.objects.get(code="spn").parent is None
    assert Affiliation.objects.filter(organisation=seeded["aspek-indonesia"]).count() == 1


def test_what_somebody_typed_before_is_taken_as_it_is(catalogue):
    typed = make_organisation("federasi serikat pekerja metal indonesia", kind="federation", line="union")
    hospital = make_body("Krakatau Medika", address="Jalan Contoh 1")
    known.load()
    assert Organisation.objects.get(code="fspmi") == typed
    assert typed.children.filter(code="spee-fspmi").exists()
    assert Body.objects.get(code="krakatau-medika") == hospital
    assert Body.objects.filter(name="Krakatau Medika").count() == 1
