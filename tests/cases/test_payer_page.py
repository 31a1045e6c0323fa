"""Who pays: shown from what is known, kept with its reason, changed in mid-case without losing what was held before."""

import re

import pytest
from django.urls import reverse

from cases.models import MembershipState, Outcome, PayerDecision
from cases.services import closing, cover

pytestmark = pytest.mark.django_db


def url(case):
    return reverse("cases:case-payer", args=[case.uuid])


def text_of(response):
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(page.replace("&#x27;", "'").split())


def test_the_order_is_shown_with_reason_source_and_questions_before_anything_is_kept(world, case, as_user):
    given = {"accident": "traffic_several", "is_emergency": "on", "act": "decide"}
    page = text_of(as_user(world.relawan).post(url(case), given))
    assert page.index("Jasa Raharja") < page.index("RULES 1.9 (S73, S74)")
    assert "Adakah laporan polisi?" in page
    assert "Apakah kartu JKN aktif? Cek di Mobile JKN" in page
    assert "Tangani dulu." in page
    assert not PayerDecision.objects.exists()


def test_a_change_in_mid_case_keeps_the_history(world, case, as_user):
    client = as_user(world.relawan)
    client.post(url(case), {"accident": "work", "act": "save", "chosen": "jkk"})
    client.post(
        url(case), {"accident": "work", "found_not_work": "on", "jkn_active": "yes", "act": "save", "chosen": "jkn"}
    )
    assert list(PayerDecision.objects.order_by("pk").values_list("chosen", flat=True)) == ["jkk", "jkn"]
    assert PayerDecision.objects.order_by("pk").first().facts["accident"] == "work"
    page = text_of(client.get(url(case)))
    assert page.index("JKN (BPJS Kesehatan)", page.index("Keputusan sejauh ini")) < page.rindex("JKK (BPJS")
    assert case.events.filter(text__startswith="Penjamin: ").count() == 2


def test_another_payer_than_the_first_needs_a_reason(world, case, as_user):
    given = {"accident": "traffic_several", "jkn_active": "yes", "act": "save", "chosen": "jkn"}
    answer = as_user(world.relawan).post(url(case), given)
    assert answer.status_code == 409
    assert "Tulis mengapa bukan penjamin yang pertama." in text_of(answer)
    assert 'value="jkn" checked' in answer.content.decode()
    assert not PayerDecision.objects.exists()
    as_user(world.relawan).post(url(case), {**given, "reason": "Plafon Jasa Raharja habis"})
    assert PayerDecision.objects.get().reason == "Plafon Jasa Raharja habis"


def test_the_newest_check_of_the_card_is_filled_in(world, case, as_user):
    state = MembershipState.objects.get(code="NONAKTIF_MENUNGGAK")
    cover.record_check(case=case, is_check=True, state=state, by=world.relawan)
    page = as_user(world.relawan).get(url(case)).content.decode()
    assert re.search(r'name="jkn_active"[^>]*value="no"[^>]*checked|value="no"[^>]*name="jkn_active"[^>]*checked', page)


def test_an_unknown_payer_or_accident_is_said(world, case, as_user):
    page = as_user(world.relawan).post(url(case), {"accident": "ufo", "act": "save", "chosen": "siapa"})
    assert "Pilih satu dari daftar." in text_of(page)
    assert not PayerDecision.objects.exists()


def test_a_closed_case_takes_no_decision(world, case, as_user):
    closing.close(case=case, outcome=Outcome.objects.get(code="rights_met"), by=world.relawan)
    answer = as_user(world.relawan).post(url(case), {"accident": "work", "act": "save", "chosen": "jkk"})
    assert answer.status_code == 409
    assert not PayerDecision.objects.exists()
