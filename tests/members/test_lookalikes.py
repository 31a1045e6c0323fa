"""Names that are taken for each other (PRACTICE S1.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.lookalikes import MOST, Named, alike

UNIONS = [
    Named(1, "Konfederasi Serikat Pekerja Nasional", "KSPN"),
    Named(2, "Serikat Pekerja Nasional", "SPN"),
    Named(3, "Konfederasi Serikat Pekerja Indonesia", "KSPI"),
    Named(4, "Konfederasi Serikat Pekerja Seluruh Indonesia", "KSPSI"),
    Named(5, "Konfederasi Serikat Buruh Sejahtera Indonesia", "KSBSI"),
    Named(6, "Nama lain di atas kertas", "", "K-SBSI"),
    Named(7, "Jamkeswatch", "Jamkeswatch"),
    Named(8, "Serikat Pekerja Elektronik Elektrik FSPMI", "SPEE"),
]


def test_typing_kspn_brings_all_its_doubles_and_the_nearest_first():
    found = alike(Named(0, "Serikat baru", "KSPN"), UNIONS)
    assert found[:2] == [1, 2]
    assert {1, 2, 3, 4, 5, 6} <= set(found)
    assert 7 not in found


@pytest.mark.parametrize("written", ["kspn", "K-SPN", "K.S.P.N."])
def test_dashes_dots_and_small_letters_make_no_other_name(written):
    assert alike(Named(0, "", written), UNIONS)[0] == 1


def test_a_full_name_with_a_slip_of_the_pen_is_known():
    assert alike(Named(0, "Konfederasi Serikat Perkerja Indonesia"), UNIONS)[0] == 3


def test_itself_is_no_double_and_what_is_quite_different_neither():
    assert 1 not in alike(UNIONS[0], UNIONS)
    assert alike(Named(0, "Paguyuban Nelayan Puger", "PNP"), [UNIONS[6]]) == []


@given(st.text(max_size=8), st.text(max_size=40))
def test_whatever_is_typed_there_is_an_answer(short, name):
    assert len(alike(Named(0, name, short), UNIONS)) <= MOST
