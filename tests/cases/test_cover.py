"""The card: what was believed beside what a check showed, and the way to a working card, with and without a case."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import CoverCheck, MembershipState, Outcome, Segment
from cases.rules.errors import CaseIsClosed
from cases.services import closing, cover
from members.models import Region

pytestmark = pytest.mark.django_db
WIB = ZoneInfo("Asia/Jakarta")


def url(case, name="case-cover"):
    return reverse(f"cases:{name}", args=[case.uuid])


def text_of(response):
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(page.replace("&#x27;", "'").split())


def test_believed_and_checked_are_two_facts_with_their_times(world, case, as_user):
    client = as_user(world.relawan)
    at = (timezone.now() - timedelta(days=1)).astimezone(WIB)
    believed = {"is_check": "no", "state": "NONAKTIF_MENUNGGAK", "segment": "PBPU", "source": "Adik pasien"}
    checked = {"is_check": "yes", "state": "AKTIF", "segment": "PBI_JK", "source": "Mobile JKN"}
    assert client.post(url(case), {**believed, "on": f"{at:%d-%m-%Y}", "hour": "22.52"}).status_code == 302
    assert client.post(url(case), checked).status_code == 302
    page = text_of(client.get(url(case)))
    assert page.index("Dugaan") < page.index("Nonaktif karena menunggak") < page.index("Adik pasien")
    assert "22.52 WIB · Adik pasien" in page
    assert "Mobile JKN" in page
    assert case.events.filter(type__code="membership_checked").count() == 1
    assert case.events.filter(type__code="note", text__startswith="Dugaan tentang kartu:").count() == 1


def test_a_repeated_form_counts_once(world, case, as_user):
    key = "6f1c7b58-7a0f-4b1e-9d3e-0b9b3f0f5a11"
    for _ in range(2):
        as_user(world.relawan).post(url(case), {"is_check": "yes", "state": "AKTIF", "submit_key": key})
    assert CoverCheck.objects.filter(case=case).count() == 1
    assert case.events.filter(type__code="membership_checked").count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Pilih: dugaan atau sudah dicek."),
        ({"is_check": "yes"}, "Pilih segmen atau keadaan, atau tulis catatan."),
        ({"is_check": "yes", "state": "SAKTI"}, "Pilih satu dari daftar."),
        ({"is_check": "yes", "state": "AKTIF", "on": "31-02-2026"}, "Tanggal ini tidak ada."),
    ],
)
def test_bad_input_is_said_beside_the_field(world, case, as_user, given, said):
    page = as_user(world.relawan).post(url(case), {**given, "source": "loket dua"})
    assert said in text_of(page)
    assert "loket dua" in page.content.decode()
    assert not CoverCheck.objects.exists()


def test_the_newest_check_goes_before_what_was_believed_later(world, case):
    now = timezone.now()
    for is_check, code, hours in ((True, "AKTIF", 5), (False, "NONAKTIF_NIK", 1)):
        cover.record_check(
            case=case,
            is_check=is_check,
            state=MembershipState.objects.get(code=code),
            by=world.relawan,
            stated_at=now - timedelta(hours=hours),
        )
    assert cover.newest_check(case).state.code == "AKTIF"


def test_the_page_starts_with_the_way_of_the_newest_check(world, case, as_user):
    cover.record_check(
        case=case,
        is_check=True,
        state=MembershipState.objects.get(code="NONAKTIF_MENUNGGAK"),
        segment=Segment.objects.get(code="PPU_BU"),
        by=world.relawan,
    )
    page = text_of(as_user(world.relawan).get(url(case)))
    assert "dibantu: Pemberi kerja" in page
    assert "dibantu: Serikat" in page


def test_pbi_and_pemda_lead_to_different_doors(world, as_user):
    client = as_user(world.relawan)
    address = reverse("cases:cover")
    pbi = text_of(client.get(address, {"segmen": "PBI_JK", "keadaan": "NONAKTIF_PBI_DIHAPUS"}))
    pemda = text_of(client.get(address, {"segmen": "PBPU_PEMDA", "keadaan": "NONAKTIF_PBI_DIHAPUS"}))
    employer = text_of(client.get(address, {"segmen": "PPU_BU", "keadaan": "NONAKTIF_MENUNGGAK"}))
    assert "PBI dinonaktifkan: reaktivasi lewat Dinsos" in pbi
    assert "Mohon diusulkan reaktivasi lewat SIKS-NG hari ini" in pbi
    assert "Permensos 3/2026" in pbi
    assert "dicek Sab, 21 Nov 2026" in pbi
    assert "Bantuan daerah dicabut: usulkan lagi" in pemda
    assert "Belum diverifikasi" in pemda
    assert "SIKS-NG hari ini" not in employer


def test_who_helps_narrows_the_ways(world, as_user):
    given = {"segmen": "PPU_BU", "keadaan": "NONAKTIF_MENUNGGAK", "bantu": "union"}
    page = text_of(as_user(world.relawan).get(reverse("cases:cover"), given))
    assert "Jalan 1, dibantu: Serikat" in page
    assert "Jalan 2" not in page


@pytest.mark.parametrize(
    ("day", "held", "gone"),
    [
        ("01-06-2024", "J-Keren / JPK Jember", "UHC Prioritas Jember"),
        ("01-06-2026", "UHC Prioritas Jember", "J-Keren / JPK"),
    ],
)
def test_schemes_hold_on_dates(world, as_user, day, held, gone):
    page = text_of(as_user(world.relawan).get(reverse("cases:cover"), {"wilayah": "35.09", "tanggal": day}))
    assert held in page
    assert gone not in page


def test_a_case_of_2024_is_offered_the_scheme_of_2024(world, case, as_user):
    case.region = Region.objects.get(code="35.09")
    case.occurred_at = datetime(2024, 6, 1, 12, tzinfo=WIB)
    case.save()
    page = text_of(as_user(world.relawan).get(url(case)))
    assert "J-Keren / JPK Jember" in page
    assert "Yang berlaku pada Sab, 1 Jun 2024." in page


def test_a_wrong_choice_in_the_address_is_said_kindly(world, as_user):
    page = as_user(world.relawan).get(reverse("cases:cover"), {"keadaan": "X", "tanggal": "32-13-2026"})
    assert page.status_code == 200
    assert "Pilih satu dari daftar." in text_of(page)


def test_it_is_two_taps_from_more(world, as_user):
    page = as_user(world.relawan).get(reverse("cases:more")).content.decode()
    assert f'href="{reverse("cases:cover")}"' in page
    assert f'href="{reverse("cases:calculators")}"' in page


def test_what_is_not_yours_does_not_exist(world, case, as_user):
    client = as_user(world.outsider)
    for name in ("case-cover", "case-payer"):
        assert client.get(url(case, name)).status_code == 404
        assert client.post(url(case, name), {"is_check": "yes", "state": "AKTIF"}).status_code == 404


def test_a_closed_case_keeps_its_checks_as_they_are(world, case, as_user):
    closing.close(case=case, outcome=Outcome.objects.get(code="rights_met"), by=world.relawan)
    case.refresh_from_db()
    with pytest.raises(CaseIsClosed):
        cover.record_check(case=case, is_check=True, note="aktif", by=world.relawan)
    answer = as_user(world.relawan).post(url(case), {"is_check": "yes", "state": "AKTIF"})
    assert answer.status_code == 409
    assert "Buka lagi" in text_of(answer)
