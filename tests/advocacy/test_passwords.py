"""Long, not common, not our own words; how it is composed is nobody's business (TRUST R1)."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError


@pytest.mark.parametrize(
    "password",
    [
        "pendek",
        "sebelas-huru",
        "password1234",
        "123456789012",
        "qwertyuiop123",
        "bpjskesehatan",
        "BPJS-Kesehatan-2026",
        "serikatpekerja",
        "serikatburuh123",
        "KawalKasus2026!",
        "relawan.bpjs.2026",
        "sandirahasia!!",
        "admin-admin-admin",
        "koordinatorposko",
        "x" * 129,
    ],
)
def test_refused(password):
    if password == "sebelas-huru":
        password = password[:11]
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "kereta malam ke bandung",
        "hujan pagi di serikat kami",
        "tigabelaskucingoren",
        "zqxv-9182-plmk",
        "ὀδυσσεια και θαλασσα",
        "x" * 12 + "y" * 116,
        "🐈 kucing 🐈 makan 🐈",
    ],
)
def test_accepted(password):
    validate_password(password)


def test_it_is_hashed_as_django_does_today(production):
    assert "PASSWORD_HASHERS" not in production
