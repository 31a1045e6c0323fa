from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseShare
from cases.rules.codes import EventCode
from cases.rules.errors import Refused
from cases.services import bars, carrying, consents, restriction, shares
from members.models import AccessLog, Message
from members.rules.roles import Permission
from tests.factories import make_user


def may(user, case, permission=Permission.CASE_VIEW):
    return Case.objects.permitted(user, permission).filter(pk=case.pk).exists()


@pytest.fixture
def url(case):
    return reverse("cases:share", args=[case.uuid])


class TestConsent:
    def test_inside_the_unit_none_is_needed(self, world, case):
        row = shares.share(case=case, to=world.relawan2, reason="Bantu malam", by=world.relawan)
        assert may(world.relawan2, case, Permission.CASE_WORK)
        assert not row.has_consent
        assert not AccessLog.objects.filter(reason=shares.WITHOUT_CONSENT).exists()

    @pytest.mark.parametrize("target", ["outsider", "other_desk"])
    def test_outside_it_is_needed(self, world, case, target):
        to = getattr(world, target)
        with pytest.raises(shares.NeedsConsent):
            shares.share(case=case, to=to, reason="Rujukan", by=world.relawan)
        assert not CaseShare.objects.exists()
        consents.state(case=case, answers={"share": True}, by=world.relawan)
        assert shares.share(case=case, to=to, reason="Rujukan", by=world.relawan).has_consent
        assert may(world.outsider if target == "outsider" else world.outside_koordinator, case)

    def test_a_refusal_closes_the_way_again(self, world, case):
        consents.state(case=case, answers={"share": True}, by=world.relawan)
        consents.state(case=case, answers={"share": False}, by=world.relawan)
        with pytest.raises(shares.NeedsConsent):
            shares.share(case=case, to=world.outsider, reason="Rujukan", by=world.relawan)

    def test_a_reason_goes_before_it_and_is_logged(self, world, case):
        row = shares.share(
            case=case, to=world.outsider, reason="Kritis, keluarga tak sadar", without_consent=True, by=world.relawan
        )
        assert not row.has_consent
        event = case.events.get(type__code=EventCode.SHARED)
        assert event.data["without_consent"] is True
        assert "Kritis" in event.text
        log = AccessLog.objects.get(reason=shares.WITHOUT_CONSENT)
        assert (log.user, log.object_uuid, log.action) == (world.relawan, case.uuid, "export")

    def test_a_hand_over_outside_the_unit_follows_the_same_rule(self, world, case):
        for wrong in ({}, {"without_consent": True}, {"reason": "Pindah kota"}):
            with pytest.raises(shares.NeedsConsent):
                carrying.offer(case=case, to=world.outsider, next_step="Telepon", by=world.relawan, **wrong)
        with pytest.raises(shares.NeedsConsent):
            carrying.offer(
                case=case, to=world.relawan2, to_desk=world.other_desk, next_step="Telepon", by=world.relawan
            )
        consents.state(case=case, answers={"share": True}, by=world.relawan)
        assert carrying.offer(case=case, to=world.outsider, next_step="Telepon", by=world.relawan)


class TestActs:
    def test_one_message_and_no_second_row(self, world, case):
        first = shares.share(case=case, to=world.relawan2, reason="Bantu", by=world.relawan)
        assert shares.share(case=case, to=world.relawan2, reason="Bantu", by=world.relawan) == first
        assert CaseShare.objects.count() == 1
        told = Message.objects.filter(recipient=world.relawan2, kind="case_shared", channel="inbox")
        assert told.count() == 1

    def test_another_end_moves_the_one_there_is(self, world, case):
        shares.share(case=case, to=world.relawan2, reason="Bantu", by=world.relawan)
        until = timezone.now() + timedelta(days=3)
        shares.share(case=case, to=world.relawan2, reason="Sampai Rabu", until_at=until, by=world.relawan)
        assert CaseShare.objects.get().until_at == until

    def test_ended_in_one_tap_and_once(self, world, case):
        row = shares.share(case=case, to=world.relawan2, reason="Bantu", by=world.relawan)
        shares.end(share=row, by=world.relawan)
        shares.end(share=row, by=world.relawan)
        assert not may(world.relawan2, case)
        assert case.events.filter(type__code=EventCode.SHARE_ENDED).count() == 1

    def test_refused(self, world, case):
        gone = make_user("pergi", role="advocate", at=world.desk, is_active=False)
        for wrong in (
            {"to": world.relawan2, "reason": " "},
            {"to": world.relawan2, "reason": "x", "until_at": timezone.now() - timedelta(hours=1)},
            {"to": world.relawan, "reason": "x"},
            {"to": gone, "reason": "x"},
        ):
            with pytest.raises(Refused):
                shares.share(case=case, by=world.relawan, **wrong)
        assert not CaseShare.objects.exists()

    def test_a_unit_gets_no_restricted_case_and_none_that_is_hidden_from_it(self, world, case):
        bars.hide(case=case, organisation=world.other_desk, by=world.relawan)
        with pytest.raises(Refused):
            shares.share(case=case, to=world.other_desk, reason="x", without_consent=True, by=world.relawan)
        restriction.restrict(case=case, reason="hiv", by=world.relawan)
        with pytest.raises(Refused):
            shares.share(case=case, to=world.desk, reason="x", by=world.relawan)


class TestPage:
    def test_search_choose_share_and_end(self, world, case, url, as_user):
        client = as_user(world.relawan)
        assert client.get(url).status_code == 200
        found = client.post(url, {"words": "yoga", "search": "1", "reason": "Bantu malam"})
        assert "Yoga Pratama" in found.content.decode()
        assert "Bantu malam" in found.content.decode()
        until = (timezone.localdate() + timedelta(days=2)).isoformat()
        sent = {"words": "yoga", "to": str(world.relawan2.uuid), "reason": "Bantu malam", "until_on": until}
        assert client.post(url, sent).status_code == 302
        row = CaseShare.objects.get()
        assert row.until_at > timezone.now() + timedelta(days=1)
        assert "Bantu malam" in client.get(url).content.decode()
        end = reverse("cases:share-end", args=[row.uuid])
        assert as_user(world.outsider).post(end).status_code == 404
        client = as_user(world.relawan)
        assert client.post(end).status_code == 302
        assert not may(world.relawan2, case)

    def test_a_unit_outside_needs_the_tick(self, world, case, url, as_user):
        client = as_user(world.relawan)
        sent = {"words": "bukit", "to": str(world.other_desk.uuid), "reason": "Rujuk ke sana"}
        page = client.post(url, sent)
        assert page.status_code == 409
        assert "Rujuk ke sana" in page.content.decode()
        assert client.post(url, {**sent, "without_consent": "on"}).status_code == 302
        assert may(world.outside_koordinator, case)

    def test_bad_input(self, world, case, url, as_user):
        client = as_user(world.relawan)
        for wrong in (
            {},
            {"to": str(world.relawan2.uuid), "reason": "x"},  # was not searched for
            {"words": "yoga", "to": str(world.relawan2.uuid), "reason": ""},
            {"words": "yoga", "to": str(world.relawan2.uuid), "reason": "x", "until_on": "2020-01-01"},
        ):
            assert client.post(url, wrong).status_code == 200
        assert not CaseShare.objects.exists()

    def test_who_it_is_shared_with_does_not_share_it_on_and_may_leave(self, world, case, url, as_user):
        row = shares.share(case=case, to=world.relawan2, reason="Bantu", by=world.relawan)
        client = as_user(world.relawan2)
        assert client.get(url).status_code == 404
        response = client.post(reverse("cases:share-end", args=[row.uuid]))
        assert response.url == reverse("cases:home")
        assert not may(world.relawan2, case)
