import pytest

from members.models import Person
from members.rules.names import initials


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Siti Rahmawati", "S.R."),
        ("siti rahmawati", "S.R."),
        ("  Siti   Rahmawati  ", "S.R."),
        ("Siti", "S."),
        ("Kartika Sari Dewi Lestari", "K.S.D."),
        ("Bu Siti", "S."),
        ("Ibu Hj. Siti Aminah", "S.A."),
        ("Hj.Siti Aminah", "S.A."),
        ("H. Ahmad", "A."),
        ("Dr. H. Ahmad Fauzi", "A.F."),
        ("dr.Ratna", "R."),
        ("Pak  Eko\n", "E."),
        ("BAPAK EKO", "E."),
        ("Mas Agus", "A."),
        ("An. Budi", "B."),
        ("Bayi Ny. Siti", "S."),
        ("Tn. S", "S."),
        ("M.Yusuf", "M.Y."),
        ("M. Yusuf bin Ali", "M.Y.B."),
        ("(Pak) Joko", "J."),
        ("'Aisyah", "A."),
        ("“Budi”", "B."),
        ("😀 Budi", "B."),
        ("Haryanto", "H."),
        ("Andi Bahar", "A.B."),
        ("Bangbang", "B."),
        ("Ibu", "I."),
        ("An", "A."),
        ("I Made Wirawan", "I.M.W."),
        ("محمد علي", "م.ع."),
        ("ß", "SS."),
        ("3 Saudara", "3.S."),
        ("-", ""),
        ("😀", ""),
        ("   ", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_initials(name, said):
    assert initials(name) == said


def test_initials_fit_their_column():
    assert len(initials("ŉŉ ŉŉ ŉŉ ŉŉ")) <= 12
    assert len(initials("ﬃ ﬃ ﬃ")) <= 12


def test_a_person_is_said_by_initials():
    assert str(Person(full_name="Bu Siti Rahmawati")) == "S.R."
    assert str(Person()) == "nama belum diketahui"
