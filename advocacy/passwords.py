"""What a password may not be; how it is composed is nobody's business (ASVS 6.2)."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Words anyone who knows us would try first.
OWN_WORDS = (
    "advokasi",
    "anggota",
    "admin",
    "asuransi",
    "bpjs",
    "buruh",
    "demo",
    "federasi",
    "indonesia",
    "jakarta",
    "jaminan",
    "jamsostek",
    "kartu",
    "kasus",
    "kawal",
    "kesehatan",
    "ketenagakerjaan",
    "ketua",
    "koordinator",
    "kspi",
    "fspmi",
    "merdeka",
    "pasien",
    "password",
    "pekerja",
    "pimpinan",
    "posko",
    "rahasia",
    "relawan",
    "sandi",
    "sekretariat",
    "selamat",
    "sehat",
    "serikat",
    "sosial",
    "union",
)
_OWN_WORDS = re.compile("|".join(sorted(OWN_WORDS, key=len, reverse=True)))


class MaximumLengthValidator:
    """Refuses passwords so long that hashing them is an attack."""

    def __init__(self, max_length=128):
        self.max_length = max_length

    def validate(self, password, user=None):
        if len(password) > self.max_length:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self):
        return _("Use at most %(max_length)d characters.") % {"max_length": self.max_length}


class OwnWordsValidator:
    """Refuses passwords that are only our own words with digits and signs around them."""

    def validate(self, password, user=None):
        rest = re.sub(r"[\W\d_]", "", _OWN_WORDS.sub("", password.lower()))
        if len(rest) < 4:
            raise ValidationError(self.get_help_text(), code="password_own_words")

    def get_help_text(self):
        return _("Do not use only words like BPJS, serikat or sandi.")
