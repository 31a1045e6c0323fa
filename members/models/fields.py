"""Encrypted text and the keyed hash that finds it again (ADR 1, TRUST R43)."""

import hashlib
import hmac
import re
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """The cipher of this installation: the first key encrypts, every key decrypts."""
    return _cipher(tuple(settings.FIELD_KEYS))


def keyed_hash(value: str) -> str:
    """HMAC-SHA256 (hex) of a normalised value under its own key; "" stays ""."""
    if not value:
        return ""
    return hmac.new(settings.HASH_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that is cipher in the column and plain on the instance; it cannot be searched, only hashed beside it.

    A value that no key opens raises ``cryptography.fernet.InvalidToken``: cipher is never shown as data.
    """

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return cipher().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value, expression, connection):
        return cipher().decrypt(value.encode()).decode() if value else value

    def get_lookup(self, lookup_name):
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class Sealed(str):
    """Text that is cipher in its column."""


class SealedDict(dict):
    """JSON of which the texts are cipher in the column."""


class SealableTextField(models.TextField):
    """Text that stands in clear until it is sealed: a `Sealed` value is cipher in the column and comes back `Sealed`.

    A row says with ``is_sealed`` whether its texts are: what a restricted case says is sealed whenever it is saved
    (DECISIONS 1), and found by no search. ``queryset.update`` does not ask the row; it is given a `Sealed` text.
    """

    MARK = "\x01sealed:"

    def pre_save(self, model_instance, add):
        value = super().pre_save(model_instance, add)
        return _as(model_instance, value, Sealed, str)

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        if isinstance(value, Sealed) and value:
            return _closed(value)
        return value.removeprefix(self.MARK) if isinstance(value, str) else value

    def from_db_value(self, value, expression, connection):
        return _opened(value) if value else value


class SealableJSONField(models.JSONField):
    """JSON whose texts are cipher in the column while the row is sealed; keys, numbers, ids and moments stay readable.

    ``clear`` names the keys whose texts are codes, never words. To migrations it is a plain JSONField.
    """

    def __init__(self, *args, clear: frozenset[str] = frozenset(), **kwargs):
        super().__init__(*args, **kwargs)
        self.clear = clear

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def pre_save(self, model_instance, add):
        value = super().pre_save(model_instance, add)
        return _as(model_instance, value, SealedDict, dict)

    def get_prep_value(self, value):
        return super().get_prep_value(self._kept(value, isinstance(value, SealedDict)))

    def from_db_value(self, value, expression, connection):
        return _open_all(super().from_db_value(value, expression, connection))

    def _kept(self, value, is_sealed: bool, key: str = ""):
        """The value as the column has it; what only looks like our cipher is text like any other."""
        if isinstance(value, dict):
            return {name: self._kept(each, is_sealed, str(name)) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._kept(each, is_sealed, key) for each in value]
        if not isinstance(value, str):
            return value
        value = value.removeprefix(SealableTextField.MARK)
        return (
            _closed(value) if is_sealed and value and key not in self.clear and not _PLAIN.fullmatch(value) else value
        )


#: Ids, days and moments: they tell nothing by themselves, and rows are found by them.
_PLAIN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?")


def _as(row, value, sealed: type, plain: type):
    """The value as this row has to keep it."""
    if not value or not isinstance(value, plain):
        return value
    return sealed(value) if getattr(row, "is_sealed", False) else plain(value)


def _closed(text: str) -> str:
    return SealableTextField.MARK + cipher().encrypt(str(text).encode()).decode()


def _opened(text: str) -> str:
    mark = SealableTextField.MARK
    return Sealed(cipher().decrypt(text.removeprefix(mark).encode()).decode()) if text.startswith(mark) else text


def _open_all(value):
    if isinstance(value, dict):
        return {name: _open_all(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_open_all(each) for each in value]
    return str(_opened(value)) if isinstance(value, str) else value


def sealable_fields(model: type[models.Model]) -> list[models.Field]:
    """The fields of a model that are sealed with the row."""
    return [field for field in model._meta.concrete_fields if isinstance(field, SealableTextField | SealableJSONField)]


def seal(row: models.Model) -> None:
    """Seal every sealable text of a row; it is cipher from the next save on."""
    _turn(row, Sealed, SealedDict)


def unseal(row: models.Model) -> None:
    """Open every sealed text of a row; it stands in clear from the next save on."""
    _turn(row, str, dict)


def _turn(row: models.Model, text: type, json: type) -> None:
    for field in sealable_fields(type(row)):
        if value := getattr(row, field.attname):
            setattr(row, field.attname, text(value) if isinstance(value, str) else json(value))
