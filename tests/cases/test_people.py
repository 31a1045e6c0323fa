import re
import uuid
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from cases.models import Case, CaseShare
from cases.rules.codes import EventCode, PartyRole
from cases.rules.merging import fingerprint
from cases.services import carrying, parties
from cases.services.rights import rights_on, with_rights
from cases.views.people import names_open, people_context
from members.models import AccessLog, Contact, Person
from members.rules.numbers import NumberKind
from tests.factories import PASSWORD, make_case

NIK = "3171016403920011"


@pytest.fixture
def full(case, world):
    """The case with a reporter and numbers."""
    patient = case.parties.get()
    parties.keep_number(patient.person, NumberKind.NIK, NIK)
    parties.add(case=case, role=PartyRole.INSURED, by=world.relawan, person=patient.person, silent=True)
    parties.add(
        case=case,
        role=PartyRole.REPORTER,
        by=world.relawan,
        full_name="Yusuf Aditya",
        phone="0812 3456 7890",
        relation="sibling",
        silent=True,
    )
    return Case.objects.for_rows().get(pk=case.pk)


def request_of(user, **session):
    request = RequestFactory().get("/")
    request.user, request.session = user, session
    return request


def card(case, user, request=None):
    """The people of a case as this user sees them."""
    request = request or request_of(user)
    rights = rights_on(with_rights(user).get(pk=case.pk))
    return render_to_string(
        "cases/_people.html", {"case": case, **people_context(case, user, request, rights)}, request
    )


class TestCard:
    def test_the_carrier_sees_names_and_buttons(self, full, world):
        text = card(full, world.relawan)
        assert "Siti Rahmawati" in text
        assert text.count("Siti Rahmawati</b>") == 1, "one person, two roles, one row"
        assert "pasien, peserta" in text
        assert 'href="tel:+6281234567890"' in text
        assert "0812 3456 7890" in text
        assert "https://wa.me/6281234567890?text=" in text
        assert full.number in re.search(r"wa\.me/[^\"]*", text)[0]

    def test_others_see_initials_and_no_phone(self, full, world):
        text = card(full, world.koordinator)
        assert "S.R." in text
        for secret in ("Siti", "Rahmawati", "Yusuf", "81234567890", "3456 7890", NIK):
            assert secret not in text
        assert "Buka nama (pembukaan dicatat)" in text
        assert "Nomor telepon tersimpan" in text

    def test_a_number_is_masked_for_everyone(self, full, world):
        for user in (world.relawan, world.koordinator):
            text = card(full, user)
            assert "317101******0011" in text
            assert NIK not in text

    def test_locked_names_are_locked_for_the_carrier_too(self, full, world):
        text = card(full, world.relawan, request_of(world.relawan, identity_locked=True))
        assert "Siti" not in text
        assert "tel:+62" not in text
        assert "Masuk lagi untuk melihat nama" in text

    def test_a_phone_that_is_not_safe_has_no_button(self, full, world):
        Contact.objects.filter().get().save()
        contact = Contact.objects.get()
        contact.is_safe, contact.note = False, "dibaca suami"
        contact.save()
        text = card(full, world.relawan)
        assert "Jangan telepon" in text
        assert "dibaca suami" in text
        assert "tel:+62812" not in text
        assert "wa.me" not in text

    def test_warnings_of_a_number_stand_beside_it(self, full, world):
        parties.keep_number(full.parties.first().person, NumberKind.JKN, "00012345")
        assert "Biasanya 13 angka" in card(full, world.relawan)

    def test_nobody_noted_yet(self, world):
        case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, patient="")
        assert "Belum ada orang" in card(case, world.relawan)

    def test_a_name_that_is_a_trap_is_text(self, full, world):
        Person.objects.filter(full_name="Yusuf Aditya").update(full_name="<img src=x onerror=alert(1)>")
        assert "<img src=x" not in card(full, world.relawan)

    def test_the_statements_do_not_grow_with_people(self, full, world, django_assert_max_num_queries):
        with django_assert_max_num_queries(14):
            card(full, world.koordinator)
        for at in range(10):
            parties.add(
                case=full, role=PartyRole.OTHER, by=world.relawan, full_name=f"Saksi {at}", phone=f"0812345678{at}0"
            )
        with django_assert_max_num_queries(14):
            card(full, world.koordinator)

    def test_only_looking_gives_no_buttons_to_change(self, world):
        case = make_case(desk=world.desk, by=world.koordinator)
        text = card(case, world.relawan)
        assert reverse("cases:people", args=[case.uuid]) not in text


class TestReveal:
    def url(self, case):
        return reverse("cases:reveal", args=[case.uuid])

    def test_names_open_for_ten_minutes_and_a_row_is_left(self, full, as_user, world):
        client = as_user(world.koordinator)
        answer = client.post(self.url(full))
        assert answer.status_code == 302
        assert answer.url == reverse("cases:case-detail", args=[full.uuid]) + "#orang"
        row = AccessLog.objects.get(action="reveal")
        assert (row.user, row.object_kind, row.object_uuid) == (world.koordinator, "case", full.uuid)
        session = dict(client.session.items())
        assert "Siti Rahmawati" in card(full, world.koordinator, request_of(world.koordinator, **session))
        late = {str(full.uuid): (timezone.now() - timedelta(minutes=10, seconds=1)).isoformat()}
        assert not names_open(full, world.koordinator, request_of(world.koordinator, opened_names=late))

    def test_one_case_opens_no_other(self, full, as_user, world):
        client = as_user(world.koordinator)
        client.post(self.url(full))
        other = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
        assert not names_open(other, world.koordinator, request_of(world.koordinator, **dict(client.session.items())))

    def test_a_get_opens_nothing(self, full, as_user, world):
        assert as_user(world.koordinator).get(self.url(full)).status_code == 405

    def test_what_is_not_yours_is_not_there(self, full, as_user, world):
        for user in (world.outsider, world.outside_koordinator, world.pimpinan, world.superuser):
            assert as_user(user).post(self.url(full)).status_code == 404
        assert AccessLog.objects.filter(action="refused").count() == 4
        assert not AccessLog.objects.filter(action="reveal").exists()

    def test_a_restricted_case_asks_why(self, full, as_user, world):
        Case.objects.filter(pk=full.pk).update(is_restricted=True)
        assert as_user(world.koordinator).post(self.url(full)).status_code == 404, "named people only"
        CaseShare.objects.create(
            case=full, user=world.koordinator, from_at=timezone.now(), shared_by=world.relawan, reason="ganti piket"
        )
        client = as_user(world.koordinator)
        client.post(self.url(full))
        assert not AccessLog.objects.filter(action="reveal").exists()
        client.post(self.url(full), {"reason": "identify"})
        assert AccessLog.objects.get(action="reveal").reason == "identify"

    def test_locked_leads_to_sign_in(self, full, as_user, world):
        client = as_user(world.koordinator)
        session = client.session
        session["identity_locked"] = True
        session.save()
        assert client.post(self.url(full)).status_code == 302
        assert not AccessLog.objects.filter(action="reveal").exists()

    @pytest.mark.parametrize(
        "target", ["https://jahat.example/", "//jahat.example/", "javascript:alert(1)", "\\\\jahat"]
    )
    def test_no_way_out_of_the_house(self, full, as_user, world, target):
        answer = as_user(world.koordinator).post(self.url(full), {"next": target})
        assert answer.url.startswith("/kasus/")


class TestRevealNumber:
    def url(self, case):
        party = case.parties.first()
        return reverse("cases:reveal-number", args=[party.uuid, party.person.identifiers.get().pk])

    def test_shown_once_with_a_reason_and_a_row(self, full, as_user, world):
        client = as_user(world.relawan)
        client.post(self.url(full), {"reason": "letter"})
        row = AccessLog.objects.get(action="reveal_number")
        assert (row.reason, row.object_kind) == ("nik:letter", "party")
        request = request_of(world.relawan, **dict(client.session.items()))
        assert NIK in card(full, world.relawan, request)
        assert NIK not in card(full, world.relawan, request), "once"

    def test_an_old_sign_in_is_done_again_first(self, full, as_user, world):
        client = as_user(world.relawan)
        client.get("/")
        session = client.session
        session["signed_in_at"] -= 601
        session.save()
        answer = client.post(self.url(full), {"reason": "letter"})
        assert answer.url.startswith("/akun/pastikan/?next=")
        assert not AccessLog.objects.filter(action="reveal_number").exists()
        client.post("/akun/pastikan/", {"password": PASSWORD})
        client.post(self.url(full), {"reason": "letter"})
        assert AccessLog.objects.filter(action="reveal_number").count() == 1

    def test_no_reason_no_number(self, full, as_user, world):
        client = as_user(world.relawan)
        for reason in ("", "karena", "x" * 500):
            client.post(self.url(full), {"reason": reason})
        assert not AccessLog.objects.filter(action="reveal_number").exists()
        assert "shown_number" not in client.session

    def test_a_number_of_another_person_is_not_opened(self, full, as_user, world):
        other = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider, patient="Orang Lain")
        theirs = parties.keep_number(other.parties.get().person, NumberKind.NIK, "3171016403920099")
        url = reverse("cases:reveal-number", args=[full.parties.first().uuid, theirs.pk])
        client = as_user(world.relawan)
        client.post(url, {"reason": "letter"})
        assert "shown_number" not in client.session

    def test_what_is_not_yours_is_not_there(self, full, as_user, world):
        assert as_user(world.outsider).post(self.url(full), {"reason": "letter"}).status_code == 404


class TestAddPage:
    def url(self, case):
        return reverse("cases:people", args=[case.uuid])

    def post(self, client, case, **data):
        given = {"who": "baru", "role": "reporter", "submit_key": str(uuid.uuid4()), **data}
        return client.post(self.url(case), given)

    def test_somebody_new(self, case, as_user, world):
        client = as_user(world.relawan)
        assert client.get(self.url(case)).status_code == 200
        answer = self.post(client, case, full_name="Yusuf", phone="0812 3456 7890", nik="3171 0164 0392 0011")
        assert answer.status_code == 302
        party = case.parties.get(role="reporter")
        assert (party.person.full_name, party.person.identifiers.get().value) == ("Yusuf", NIK)

    def test_same_as_somebody_there(self, case, as_user, world):
        patient = case.parties.get()
        self.post(as_user(world.relawan), case, who=str(patient.uuid), role="insured")
        assert case.parties.get(role="insured").person == patient.person

    def test_myself(self, case, as_user, world):
        self.post(as_user(world.relawan), case, who="saya", role="reporter")
        party = case.parties.get(role="reporter")
        assert (party.user, party.person.full_name) == (world.relawan, "Rina Wulandari")
        assert party.person.contacts.get().value == "+6281200000001"
        self.post(as_user(world.relawan), case, who="saya", role="insured")
        assert case.parties.get(role="insured").person == party.person

    def test_not_known_yet(self, case, as_user, world):
        assert self.post(as_user(world.relawan), case, role="worker").status_code == 302
        assert case.parties.get(role="worker").person.full_name == ""

    def test_odd_numbers_are_kept_and_said(self, case, as_user, world):
        answer = self.post(as_user(world.relawan), case, full_name="Ani", nik="12345", phone="0812")
        assert answer.status_code == 302
        person = case.parties.get(role="reporter").person
        assert person.identifiers.get().value == "12345"
        said = " ".join(str(message) for message in answer.wsgi_request._messages)
        assert "NIK: Biasanya 16 angka" in said
        assert "Nomor telepon sepertinya kurang" in said

    def test_words_are_no_phone_and_nothing_typed_is_lost(self, case, as_user, world):
        answer = self.post(as_user(world.relawan), case, full_name="Ani Lestari", phone="belum ada", nik=NIK)
        text = answer.content.decode()
        assert "Tulis angka nomornya, atau kosongkan." in text
        assert "Ani Lestari" in text
        assert NIK in text
        assert "<title>Periksa lagi:" in text

    def test_a_second_patient_is_said_at_the_field(self, case, as_user, world):
        answer = self.post(as_user(world.relawan), case, role="patient", full_name="Lain")
        assert answer.status_code == 200
        assert "Kasus ini sudah punya pasien" in answer.content.decode()

    def test_pressed_twice(self, case, as_user, world):
        client = as_user(world.relawan)
        key = str(uuid.uuid4())
        for _ in range(2):
            self.post(client, case, full_name="Ani", submit_key=key)
        assert case.parties.filter(role="reporter").count() == 1

    def test_a_person_of_another_case_cannot_be_named(self, case, as_user, world):
        other = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider)
        answer = self.post(as_user(world.relawan), case, who=str(other.parties.get().uuid))
        assert answer.status_code == 200
        assert not case.parties.filter(role="reporter").exists()

    def test_who_may_not_write_gets_a_404(self, world, as_user):
        case = make_case(desk=world.desk, by=world.koordinator)
        assert as_user(world.relawan).get(self.url(case)).status_code == 404, "may look at it, to take it"
        assert as_user(world.outsider).get(self.url(case)).status_code == 404

    def test_a_coordinator_sees_initials_in_the_choices(self, case, as_user, world):
        text = as_user(world.koordinator).get(self.url(case)).content.decode()
        assert "Sama dengan S.R. (pasien)" in text
        assert "Rahmawati" not in text


class TestEditPage:
    @pytest.fixture
    def party(self, full):
        return full.parties.get(role="reporter")

    def url(self, party):
        return reverse("cases:party-edit", args=[party.uuid])

    def opened(self, client, party, **changes):
        """What a browser would send back after the page was opened and these fields changed."""
        form = client.get(self.url(party)).context["form"]
        data = {name: value for name, value in form.initial.items() if value not in (False, None)}
        data |= {name: "on" for name, value in data.items() if value is True}
        return {**data, **changes}

    def test_the_carrier_corrects_a_name_and_a_phone(self, party, as_user, world):
        client = as_user(world.relawan)
        text = client.get(self.url(party)).content.decode()
        assert "Yusuf Aditya" in text
        assert "0812 3456 7890" in text
        assert AccessLog.objects.filter(action="open_identity").count() == 1
        contact = party.person.contacts.get()
        changes = {
            "full_name": "Yusuf",
            f"phone_{contact.pk}": "0813 1111 2222",
            f"unsafe_{contact.pk}": "on",
            f"note_{contact.pk}": "sesudah 17.00",
            "phone_baru": "0814 3333 4444",
            "nik": NIK,
        }
        answer = client.post(self.url(party), self.opened(client, party, **changes))
        assert answer.status_code == 302
        person = Person.objects.get(pk=party.person_id)
        assert person.full_name == "Yusuf"
        assert [row.value for row in person.contacts.order_by("pk")] == ["+6281311112222", "+6281433334444"]
        assert person.contacts.order_by("pk").first().is_safe is False
        assert person.identifiers.get().value == NIK
        assert party.case.events.filter(type__code=EventCode.PARTY_EDITED).count() == 1

    def test_saving_what_stands_there_changes_nothing(self, party, as_user, world):
        client = as_user(world.relawan)
        assert client.post(self.url(party), self.opened(client, party)).status_code == 302
        assert Person.objects.get(pk=party.person_id).version == 1

    def test_a_kept_number_is_never_in_the_page(self, full, as_user, world):
        text = as_user(world.relawan).get(self.url(full.parties.first())).content.decode()
        assert "Tersimpan: 317101******0011" in text
        assert NIK not in text
        assert fingerprint(NIK) not in text, "a mark of a number could be guessed back"

    def test_two_who_touch_different_things_both_win(self, party, as_user, world):
        client = as_user(world.relawan)
        contact = party.person.contacts.get()
        mine = self.opened(client, party, full_name="Yusuf B.")
        theirs = self.opened(client, party, **{f"note_{contact.pk}": "sesudah 17.00", "phone_baru": "0814 3333 4444"})
        assert client.post(self.url(party), theirs).status_code == 302
        assert client.post(self.url(party), mine).status_code == 302
        person = Person.objects.get(pk=party.person_id)
        assert person.full_name == "Yusuf B."
        contact.refresh_from_db()
        assert contact.note == "sesudah 17.00"
        assert person.contacts.count() == 2

    def test_two_who_touch_the_same_are_asked(self, party, as_user, world):
        client = as_user(world.relawan)
        mine = self.opened(client, party, full_name="Yusuf B.", age_text="40")
        assert client.post(self.url(party), self.opened(client, party, full_name="Yusuf A.")).status_code == 302
        answer = client.post(self.url(party), mine)
        assert answer.status_code == 409
        text = strip_tags(answer.content.decode())  # what differs is marked
        assert "Yusuf A." in text
        assert "Yusuf B." in text
        seen = answer.context["seen"]
        chosen = {**mine, "seen": seen, "asked": "full_name", "pick_full_name": "mine"}
        assert client.post(self.url(party), chosen).status_code == 302
        person = Person.objects.get(pk=party.person_id)
        assert (person.full_name, person.age_text) == ("Yusuf B.", "40")

    def test_a_phone_removed_meanwhile_is_asked_about(self, party, as_user, world):
        client = as_user(world.relawan)
        contact = party.person.contacts.get()
        mine = self.opened(client, party, **{f"phone_{contact.pk}": "0813 1111 2222"})
        gone = self.opened(client, party, **{f"phone_{contact.pk}": ""})
        assert client.post(self.url(party), gone).status_code == 302
        assert not party.person.contacts.exists()
        answer = client.post(self.url(party), mine)
        assert answer.status_code == 409
        seen, name = answer.context["seen"], f"phone_{contact.pk}"
        chosen = {**mine, "seen": seen, "asked": name, f"pick_{name}": "mine"}
        assert client.post(self.url(party), chosen).status_code == 302
        assert party.person.contacts.get().value == "+6281311112222"

    def test_a_number_changed_by_both_is_asked_about_masked(self, full, as_user, world):
        party = full.parties.first()
        client = as_user(world.relawan)
        mine = self.opened(client, party, nik="3171016403920022")
        assert client.post(self.url(party), self.opened(client, party, nik="3171016403920033")).status_code == 302
        answer = client.post(self.url(party), mine)
        assert answer.status_code == 409
        text = answer.content.decode()
        assert "317101******0033" in text
        assert "3171016403920033" not in text

    def test_names_have_to_be_open(self, party, full, as_user, world):
        client = as_user(world.koordinator)
        assert client.get(self.url(party)).status_code == 302
        assert client.post(self.url(party), {"full_name": "X", "role": "other"}).status_code == 302
        assert Person.objects.get(pk=party.person_id).full_name == "Yusuf Aditya"
        client.post(reverse("cases:reveal", args=[full.uuid]))
        assert client.get(self.url(party)).status_code == 200

    def test_what_is_not_yours_is_not_there(self, party, as_user, world):
        for user in (world.outsider, world.pimpinan, world.superuser):
            client = as_user(user)
            assert client.get(self.url(party)).status_code == 404
            assert client.post(self.url(party), {"full_name": "X", "role": "other"}).status_code == 404
        assert Person.objects.get(pk=party.person_id).full_name == "Yusuf Aditya"

    def test_a_role_that_is_taken_is_said(self, party, as_user, world):
        client = as_user(world.relawan)
        answer = client.post(self.url(party), self.opened(client, party, role="patient", full_name="Yusuf B."))
        text = answer.content.decode()
        assert "Kasus ini sudah punya pasien" in text
        assert 'value="Yusuf B."' in text

    def test_extra_fields_are_ignored(self, party, as_user, world):
        client = as_user(world.relawan)
        extra = {"case": "1", "person": "1", "user": str(world.outsider.pk), "uuid": str(uuid.uuid4()), "version": "99"}
        extra |= {"phone_x": "1", "phone_99999999999999999999999": "0812", "phone_²": "1", "phone_-1": "0812"}
        assert client.post(self.url(party), self.opened(client, party, **extra)).status_code == 302
        party.refresh_from_db()
        assert party.user is None
        assert party.person.contacts.count() == 1

    @pytest.mark.parametrize("seen", ["", "{", "[]", '{"full_name": 1}', "x" * 5000])
    def test_a_broken_mark_is_no_error_page(self, party, as_user, world, seen):
        client = as_user(world.relawan)
        answer = client.post(self.url(party), self.opened(client, party, full_name="Lain", seen=seen))
        assert answer.status_code in {302, 409}


class TestTrail:
    def test_a_coordinator_sees_who_opened_what(self, full, as_user, world):
        client = as_user(world.relawan)
        party = full.parties.first()
        number = party.person.identifiers.get()
        client.post(reverse("cases:reveal-number", args=[party.uuid, number.pk]), {"reason": "letter"})
        as_user(world.koordinator).post(reverse("cases:reveal", args=[full.uuid]))
        as_user(world.outsider).post(reverse("cases:reveal", args=[full.uuid]))
        assert "Dibuka oleh 2 orang, terakhir baru saja" in card(full, world.koordinator)
        text = as_user(world.koordinator).get(reverse("cases:access-trail", args=[full.uuid])).content.decode()
        for words in (
            "Rina Wulandari",
            "membuka nomor",
            "mengisi surat",
            "Kartika Sari",
            "membuka nama",
            "ditolak masuk",
        ):
            assert words in text
        assert NIK not in text

    def test_a_relawan_does_not(self, full, as_user, world):
        assert "Dibuka oleh" not in card(full, world.relawan)
        assert as_user(world.relawan).get(reverse("cases:access-trail", args=[full.uuid])).status_code == 404

    def test_nobody_yet(self, case, as_user, world):
        text = as_user(world.koordinator).get(reverse("cases:access-trail", args=[case.uuid])).content.decode()
        assert "Belum ada yang membuka" in text


def test_after_a_hand_over_names_close_for_the_one_before(full, world):
    assert names_open(full, world.relawan, request_of(world.relawan))
    carrying.assign(case=full, to=world.relawan2, by=world.koordinator)
    full.refresh_from_db()
    assert not names_open(full, world.relawan, request_of(world.relawan))
    assert names_open(full, world.relawan2, request_of(world.relawan2))
    assert full.events.filter(type__code=EventCode.ASSIGNED).exists()
