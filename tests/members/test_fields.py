import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection

from members.models import Contact, Identifier, Person, User, keyed_hash
from members.models.fields import cipher
from members.rules.numbers import NumberKind
from tests.factories import make_user

NIK = "3171016403920011"


def column(model, field, pk):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {field} FROM {model._meta.db_table} WHERE id = %s", [pk])  # noqa: S608
        return cursor.fetchone()[0]


@pytest.fixture
def person(db):
    return Person.objects.create(full_name="Siti Rahmawati")


def test_the_column_holds_cipher_and_the_instance_plain(person):
    row = Identifier.objects.create(person=person, kind=NumberKind.NIK, value="3171 0164 0392 0011")
    assert row.value == NIK
    assert Identifier.objects.get(pk=row.pk).value == NIK
    kept = column(Identifier, "value", row.pk)
    assert NIK not in kept
    assert cipher().decrypt(kept.encode()).decode() == NIK


def test_two_ciphers_of_one_value_differ_and_their_hash_is_one(person):
    other = Person.objects.create()
    first = Identifier.objects.create(person=person, kind=NumberKind.NIK, value=NIK)
    second = Identifier.objects.create(person=other, kind=NumberKind.NIK, value=NIK)
    assert column(Identifier, "value", first.pk) != column(Identifier, "value", second.pk)
    assert first.value_hash == second.value_hash == keyed_hash(NIK)
    assert set(Person.objects.with_number("3171-0164-0392-0011")) == {person, other}, "two people with one NIK is D08"


def test_a_phone_is_found_however_it_is_written(person):
    Contact.objects.create(person=person, value="0812 3456 7890")
    assert Contact.objects.get().value == "+6281234567890"
    for written in ("0812-3456-7890", "+62 812 3456 7890", "6281234567890"):
        assert list(Person.objects.with_phone(written)) == [person]
    assert not Person.objects.with_phone("belum ada")
    assert not Person.objects.with_number("3171")


def test_the_empty_value_stays_empty(db):
    user = make_user(whatsapp="")
    assert User.objects.get(pk=user.pk).whatsapp == ""
    assert column(User, "whatsapp", user.pk) == ""
    assert keyed_hash("") == ""


def test_a_hash_is_needed_and_once_a_person(person):
    with pytest.raises(IntegrityError):
        Identifier.objects.create(person=person, kind=NumberKind.NIK, value="---")


def test_a_number_stands_once_on_a_person(person):
    Identifier.objects.create(person=person, kind=NumberKind.NIK, value=NIK)
    with pytest.raises(IntegrityError):
        Identifier.objects.create(person=person, kind=NumberKind.NIK, value=NIK)


def test_cipher_cannot_be_searched(person):
    Identifier.objects.create(person=person, kind=NumberKind.NIK, value=NIK)
    for lookup in ("value", "value__contains", "value__startswith", "value__in", "value__gt"):
        with pytest.raises((FieldError, TypeError)):
            list(Identifier.objects.filter(**{lookup: NIK}))
    assert not Identifier.objects.filter(value__isnull=True).exists()


def test_an_old_key_still_opens_and_the_new_one_writes(person, settings):
    row = Identifier.objects.create(person=person, kind=NumberKind.NIK, value=NIK)
    old = settings.FIELD_KEYS
    new = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, *old]
    row = Identifier.objects.get(pk=row.pk)
    assert row.value == NIK
    row.save()
    assert Fernet(new.encode()).decrypt(column(Identifier, "value", row.pk).encode()).decode() == NIK


def test_a_value_no_key_opens_is_an_error_not_data(person, settings):
    row = Identifier.objects.create(person=person, kind=NumberKind.NIK, value=NIK)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(InvalidToken):
        Identifier.objects.get(pk=row.pk)


def test_the_hash_has_a_key_of_its_own(settings):
    before = keyed_hash(NIK)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert keyed_hash(NIK) == before
    settings.HASH_KEY = "another-hash-key-of-forty-characters-long"
    assert keyed_hash(NIK) != before


def test_no_number_in_what_objects_say_of_themselves(person):
    row = Identifier.objects.create(person=person, kind=NumberKind.NIK, value=NIK)
    contact = Contact.objects.create(person=person, value="081234567890")
    assert str(row) == "NIK 317101******0011"
    assert "81234" not in str(contact)
    assert "Siti" not in str(person)
