import re
import uuid
from urllib.parse import unquote

import pytest
from django.urls import reverse

from cases.models import Case, Outcome
from cases.rules.codes import EventCode, PartyRole
from cases.services import closing, parties
from members.models import AccessLog, User
from tests.factories import make_case


@pytest.fixture
def talking(case, world):
    parties.add(
        case=case,
        role=PartyRole.REPORTER,
        by=world.relawan,
        full_name="Yusuf Aditya",
        phone="0812 3456 7890",
        silent=True,
    )
    return Case.objects.for_rows().get(pk=case.pk)


def links(text):
    return [unquote(found.replace("&amp;", "&")) for found in re.findall(r'href="(https://wa\.me/[^"]*)"', text)]


class TestCompose:
    def url(self, case, **query):
        return reverse("cases:whatsapp", args=[case.uuid]) + (
            "?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else ""
        )

    def test_to_somebody_on_the_case(self, talking, as_user, world):
        party = talking.parties.get(role="reporter")
        text = as_user(world.relawan).get(self.url(talking, orang=party.uuid)).content.decode()
        (link,) = links(text)
        assert link.startswith("https://wa.me/6281234567890?text=Salam, kami dari DPD Karangsari")
        assert "Yusuf" not in link
        assert talking.number in link
        assert 'rel="noopener noreferrer"' in text
        assert AccessLog.objects.filter(action="open_identity").count() == 1

    def test_without_a_person_the_contact_is_chosen_there(self, talking, as_user, world):
        (link,) = links(as_user(world.relawan).get(self.url(talking, jenis="kabar")).content.decode())
        assert link.startswith("https://wa.me/?text=")

    def test_to_the_desk_of_the_facility(self, talking, as_user, world):
        client = as_user(world.relawan)
        (link,) = links(client.get(self.url(talking, jenis="loket")).content.decode())
        assert link.startswith("https://wa.me/?text="), "its phone is not known"
        talking.place.phone = "0813 1111 2222"
        talking.place.save()
        (link,) = links(client.get(self.url(talking, jenis="loket")).content.decode())
        assert link.startswith("https://wa.me/6281311112222?text=")
        talking.place.phone = "(031) 891 2345"
        talking.place.save()
        (link,) = links(client.get(self.url(talking, jenis="loket")).content.decode())
        assert link.startswith("https://wa.me/?text="), "a fixed line has no WhatsApp"

    def test_a_coordinator_sees_no_number_until_names_are_open(self, talking, as_user, world):
        client = as_user(world.koordinator)
        text = client.get(self.url(talking)).content.decode()
        assert "81234567890" not in text
        assert "Yusuf" not in text
        client.post(reverse("cases:reveal", args=[talking.uuid]))
        assert "Yusuf Aditya (pelapor)" in client.get(self.url(talking)).content.decode()

    def test_a_number_that_is_not_safe_is_not_offered(self, talking, as_user, world):
        contact = talking.parties.get(role="reporter").person.contacts.get()
        contact.is_safe = False
        contact.save()
        text = as_user(world.relawan).get(self.url(talking)).content.decode()
        assert "Belum ada orang di kasus ini dengan nomor HP yang aman." in text

    @pytest.mark.parametrize("query", [{"jenis": "ingatkan"}, {"jenis": "<b>"}, {"orang": "x", "ke": "y"}])
    def test_an_odd_address_is_the_first_message(self, talking, as_user, world, query):
        answer = as_user(world.relawan).get(self.url(talking, **query))
        assert answer.status_code == 200
        assert "Mohon kirim foto kertas" in answer.content.decode()

    def test_sent_is_a_line_without_text_and_number(self, talking, as_user, world):
        party = talking.parties.get(role="reporter")
        key = str(uuid.uuid4())
        client = as_user(world.relawan)
        for _ in range(2):
            answer = client.post(self.url(talking), {"kind": "kertas", "party": str(party.uuid), "submit_key": key})
            assert answer.status_code == 302
        event = talking.events.get(type__code=EventCode.WHATSAPP_SENT)
        assert event.data == {"kind": "kertas", "party": str(party.uuid)}
        assert event.text == ""
        assert event.logged_by == world.relawan

    def test_a_party_of_another_case_is_not_named(self, talking, as_user, world):
        other = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider)
        as_user(world.relawan).post(self.url(talking), {"kind": "kabar", "party": str(other.parties.get().uuid)})
        assert talking.events.get(type__code=EventCode.WHATSAPP_SENT).data == {"kind": "kabar"}

    def test_an_unknown_kind_writes_nothing(self, talking, as_user, world):
        assert as_user(world.relawan).post(self.url(talking), {"kind": "x"}).status_code == 302
        assert not talking.events.filter(type__code=EventCode.WHATSAPP_SENT).exists()

    def test_what_is_not_yours_is_not_there(self, talking, as_user, world):
        for user in (world.outsider, world.pimpinan, world.superuser):
            assert as_user(user).get(self.url(talking)).status_code == 404
            assert as_user(user).post(self.url(talking), {"kind": "kertas"}).status_code == 404


class TestNudge:
    def url(self, case):
        return reverse("cases:nudge", args=[case.uuid])

    def test_a_coordinator_reminds_in_one_tap(self, talking, as_user, world):
        client = as_user(world.koordinator)
        text = client.get(self.url(talking)).content.decode()
        (link,) = links(text)
        assert link.startswith("https://wa.me/6281200000001?text=Salam. Mohon lihat kasus KWL-")
        for name in ("Siti", "Yusuf", "Rahmawati", "81234567890"):
            assert name not in text
        client.post(self.url(talking), {"submit_key": str(uuid.uuid4())})
        event = talking.events.get(type__code=EventCode.NUDGED)
        assert event.data == {"kind": "ingatkan"}

    def test_a_relawan_without_a_number(self, talking, as_user, world):
        User.objects.filter(pk=world.relawan.pk).update(whatsapp="")
        text = as_user(world.koordinator).get(self.url(talking)).content.decode()
        assert "Rina belum mencatat nomor WhatsApp" in text
        assert links(text)[0].startswith("https://wa.me/?text=")

    def test_nobody_to_remind(self, as_user, world):
        case = make_case(desk=world.desk, by=world.koordinator)
        text = as_user(world.koordinator).get(self.url(case)).content.decode()
        assert "Belum ada relawan di kasus ini" in text
        assert reverse("cases:assign", args=[case.uuid]) in text

    def test_only_coordinators(self, talking, as_user, world):
        for user in (world.relawan, world.relawan2, world.outside_koordinator):
            assert as_user(user).get(self.url(talking)).status_code == 404
            assert as_user(user).post(self.url(talking)).status_code == 404
        assert not talking.events.filter(type__code=EventCode.NUDGED).exists()


class TestSummary:
    def url(self, case):
        return reverse("cases:share-text", args=[case.uuid])

    def test_a_text_to_copy(self, talking, as_user, world):
        text = as_user(world.koordinator).get(self.url(talking)).content.decode()
        assert "<textarea" in text
        assert talking.number in text
        for name in ("Siti", "Rahmawati", "Yusuf", "81234567890"):
            assert name not in text
        assert AccessLog.objects.get(action="export").object_uuid == talking.uuid

    def test_of_a_closed_case(self, talking, as_user, world):
        closing.close(case=talking, outcome=Outcome.objects.first(), by=world.relawan, note="rahasia Siti")
        text = as_user(world.relawan).get(self.url(talking)).content.decode()
        assert "Selesai: " in text
        assert "rahasia" not in text

    def test_it_was_sent(self, talking, as_user, world):
        as_user(world.relawan).post(reverse("cases:whatsapp", args=[talking.uuid]), {"kind": "ringkasan"})
        assert talking.events.get(type__code=EventCode.WHATSAPP_SENT).data == {"kind": "ringkasan"}

    def test_what_is_not_yours_is_not_there(self, talking, as_user, world):
        assert as_user(world.outsider).get(self.url(talking)).status_code == 404
