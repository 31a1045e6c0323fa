"""A shift ends at night: Rina hands her case over, Yoga declines once, accepts once, and carries on without a gap."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, EventType
from cases.rules.codes import HandOverState
from cases.services import facts, follow_ups
from members.models import Message
from members.rules.roles import Permission

pytestmark = pytest.mark.django_db


def url(name, row):
    return reverse(f"cases:{name}", args=[row.uuid])


def told(user):
    return list(
        Message.objects.filter(recipient=user, channel=Message.Channel.INBOX)
        .order_by("pk")
        .values_list("kind", flat=True)
    )


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def phones(world):
    """Two phones, signed in at the same time."""

    def sign_in(user):
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in(world.relawan), sign_in(world.relawan2)


def test_hand_over_of_a_shift(world, case, phones):
    rina, yoga = phones
    # Half past eleven at night: a hospital that promised, and something to do within the hour.
    facts.tell(case=case, type=EventType.objects.get(code="promised"), by=world.relawan, text="Kamar jam dua belas.")
    follow_ups.schedule(
        case=case,
        title="Tagih janji kamar",
        due_at=timezone.now() + timedelta(minutes=45),
        owner=world.relawan,
        by=world.relawan,
    )
    assert yoga.get(url("case-detail", case)).status_code == 404

    # Rina offers it. The next step is filled in from what is planned.
    form = rina.get(url("handover-offer", case))
    assert 'value="Tagih janji kamar"' in form.content.decode()
    assert "0812 0000 0001" in text_of(form)  # she is told that her number goes along
    sent = {"to": str(world.relawan2.uuid), "next_step": "Tagih janji kamar", "reason": "Giliran malam selesai"}
    answer = rina.post(url("handover-offer", case), sent, follow=True)
    assert "Menunggu jawaban" in text_of(answer)
    assert told(world.relawan2) == ["handover_offered"]

    # Yoga sees it, with the next step and her phone, and may not write yet.
    page = yoga.get(url("case-detail", case))
    said = text_of(page)
    assert "Rina menyerahkan kasus ini kepada Anda" in said and "Tagih janji kamar" in said
    assert 'href="tel:+6281200000001"' in page.content.decode()
    assert "Siti Rahmawati" not in said
    assert yoga.post(reverse("cases:event-add", args=[case.uuid, "note"]), {"text": "Coba"}).status_code == 404

    # He cannot now. She stays responsible and is told why.
    offer = case.handovers.get()
    answer = yoga.post(url("handover-decline", offer), {"note": "Masih di IGD lain, setengah jam lagi."}, follow=True)
    assert "Rina tetap bertanggung jawab" in text_of(answer)
    assert yoga.get(url("case-detail", case)).status_code == 404
    assert Case.objects.get(pk=case.pk).assignee == world.relawan
    assert told(world.relawan) == ["handover_declined"]
    assert "Masih di IGD lain, setengah jam lagi." in text_of(rina.get(url("case-detail", case)))

    # She asks again; a slip of the finger is taken back, and the third offer is accepted, twice by a nervous thumb.
    rina.post(url("handover-offer", case), {**sent, "to": str(world.koordinator.uuid)})
    rina.post(url("handover-withdraw", case.handovers.first()))
    assert case.handovers.first().state == HandOverState.WITHDRAWN
    rina.post(url("handover-offer", case), sent)
    offer = case.handovers.first()
    for _tap in range(2):
        answer = yoga.post(url("handover-accept", offer), follow=True)
        assert answer.status_code == 200

    # It is his: names, plans, the turn. Her plan came along and was not doubled.
    case.refresh_from_db()
    assert case.assignee == world.relawan2
    plan = case.follow_ups.open().get()
    assert (plan.title, plan.owner) == ("Tagih janji kamar", world.relawan2)
    said = text_of(yoga.get(url("case-detail", case)))
    assert "Siti Rahmawati" in said and "Yoga" in said
    assert told(world.relawan) == ["handover_declined", "handover_accepted"]

    # Rina no longer opens it; the whole way stands on the timeline.
    assert not Case.objects.permitted(world.relawan, Permission.CASE_VIEW).filter(pk=case.pk).exists()
    said = text_of(yoga.get(url("timeline", case) + "?sistem=1"))
    for words in ("Serah-terima ditawarkan", "Serah-terima ditolak", "Serah-terima ditarik", "Serah-terima diterima"):
        assert words in said

    # He goes on at once: finishes it and plans the next step in the same form.
    sent = {"note": "Kamar 204 siap.", "title": "Cek pindah kamar", "when": "1h"}
    yoga.post(url("follow-up-finish", plan), sent)
    assert case.follow_ups.open().get().title == "Cek pindah kamar"
    assert "Kamar 204 siap." in text_of(yoga.get(url("case-detail", case)))
