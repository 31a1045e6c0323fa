"""The organisations of the five source documents: given once, found by every name, left alone afterwards."""

from datetime import date

import pytest

from members.models import Affiliation, Body, Organisation
from members.services import known, organisations, trees
from tests.factories import make_body, make_organisation
from tests.members.test_trees import is_sound

NAMED = {
    "S0": ["FSPMI", "PP SPEE FSPMI", "Jamkeswatch"],
    "S1": ["DPP SP BPJS Ketenagakerjaan", "KSBSI", "Sarbumusi", "KSPN"],
    "S2": ["KSPI", "FSP FARKES REF", "SBPI", "SPN", "FSP KEP", "FPTHSI", "FSP PAR REF"],
    "S3": ["FSP Kerah Biru–SPSI", "PC FSP Kerah Biru–SPSI Jember"],
    "S4": ["ASPEK Indonesia", "SKKM"],
}


@pytest.fixture
def seeded(catalogue):
    known.load()
    return {row.code: row for row in Organisation.objects.exclude(code=None)}


@pytest.mark.parametrize(("source", "names"), NAMED.items())
def test_every_organisation_of_a_source_is_there_and_names_it(seeded, source, names):
    for name in names:
        row = Organisation.objects.get(abbreviation=name)
        assert source in row.source
        assert not row.is_desk
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
