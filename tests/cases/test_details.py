"""Typed facts of an event: offered by its type, read kindly, kept, shown, corrected, and planned for where they await."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.forms.details import PREFIX, field_of
from cases.models import Event, EventType
from cases.rules.codes import FollowUpKind, FollowUpState
from cases.rules.details import DETAILS, Kind, say, unknown
from cases.rules.errors import Refused
from cases.services import facts, follow_ups
from tests.cases.test_case_forms import inputs, text_of, url

pytestmark = pytest.mark.django_db

#: For each kind of detail: what somebody types, what is kept, and how it is read back.
TYPED = {
    Kind.TEXT: ("Bu Tini", "Bu Tini", "Bu Tini"),
    Kind.NUMBER: ("13", 13, "13"),
    Kind.MONEY: ("1,5 jt", 1_500_000, "Rp1.500.000"),
    Kind.DAY: ("31-10-2026", "2026-10-31", "Sab, 31 Okt 2026"),
    Kind.HOUR: ("07.30", "07:30", "07.30"),
    Kind.MOMENT: ("2025-08-16T23:45", "2025-08-16T23:45:00+07:00", "Sab, 16 Agu 2025 23.45 WIB"),
    Kind.URL: ("contoh.org/petisi", "https://contoh.org/petisi", "https://contoh.org/petisi"),
    Kind.PROGRAMME: ("JKN", "JKN", "Jaminan Kesehatan Nasional (JKN)"),
    Kind.SEGMENT: ("PBI_JK", "PBI_JK", "PBI-JK (dibayar pemerintah pusat)"),
    Kind.STATE: ("AKTIF", "AKTIF", "Aktif"),
}


@pytest.fixture
def mine(as_user, world):
    return as_user(world.relawan)


def offer(codes):
    """A kind of event that asks for these details."""
    return EventType.objects.create(code="uji", name="Uji", prompt="Apa?", details=list(codes), position=999)


def typed_for(detail):
    if detail.kind == Kind.CHOICE:
        value = next(value for value in detail.choices.values if value)
        return value, value, str(detail.choices(value).label)
    if detail.kind == Kind.NUMBER and detail.most < 13:
        return "7", 7, "7"
    return TYPED[detail.kind]


def test_every_detail_goes_in_and_comes_back(mine, case):
    codes = [code for code in DETAILS if code not in {"when_told", "until"}]
    offer(codes)
    page = mine.get(url("event-add", case, "uji")).content.decode()
    sent = {PREFIX + code: typed_for(DETAILS[code])[0] for code in codes}
    assert all(f'name="{name}"' in page for name in sent)
    answer = mine.post(url("event-add", case, "uji"), sent)
    assert answer.status_code == 302, text_of(answer)
    event = case.events.get(type__code="uji")
    assert event.typed == {code: typed_for(DETAILS[code])[1] for code in codes}
    read = text_of(mine.get(url("case-detail", case)))
    for code in codes:
        assert typed_for(DETAILS[code])[2] in read, code
    assert 'href="https://contoh.org/petisi"' in mine.get(url("case-detail", case)).content.decode()


def test_nothing_is_asked_for(mine, case):
    """Two taps and a sentence stay two taps and a sentence; the details are folded."""
    page = mine.get(url("event-add", case, "refused")).content.decode()
    assert "Rincian" in page and "<details" in page.split("Rincian")[0]
    assert mine.post(url("event-add", case, "refused"), {}).status_code == 302
    assert case.events.get(type__code="refused").typed == {}


@pytest.mark.parametrize(
    ("code", "typed", "words"),
    [
        ("count", "-1", "Tulis 0 atau lebih."),
        ("count", "tiga", "Tulis bilangan bulat"),
        ("count", "99999999999999999999", "Paling banyak 10000000."),
        ("paper_on", "31/02/2026", "Tanggal ini tidak ada."),
        ("bed_class", "9", "Pilih satu dari daftar."),
        ("segment", "TIDAK_ADA", "Pilih satu dari daftar."),
        ("amount", "banyak", "Jumlah ini tidak terbaca."),
        ("opens_at", "25.00", "Tulis jamnya seperti 14.30."),
        ("read_at", "kemarin", "Hari atau jam ini tidak ada."),
        ("read_at", "2199-01-01T00:00", "Waktu ini belum terjadi."),
        ("url", "bukan tautan", "Tulis tautannya seperti"),
        ("every_days", "0", "Tulis 1 atau lebih."),
        ("due_on", "01-01-2150", "Ini terlalu jauh ke depan."),
        ("officer", "a" * 121, "Terlalu panjang."),
    ],
)
def test_bad_input_is_said_beside_the_field_and_nothing_is_lost(mine, case, code, typed, words):
    offer([code, "result"])
    answer = mine.post(
        url("event-add", case, "uji"), {PREFIX + code: typed, f"{PREFIX}result": "Disuruh pulang", "text": "Kalimat."}
    )
    page = text_of(answer)
    assert answer.status_code == 200 and words in page
    assert not case.events.filter(type__code="uji").exists()
    kept = inputs(answer)
    assert kept[f"{PREFIX}result"] == ["Disuruh pulang"] and kept["text"] == ["Kalimat."]
    if DETAILS[code].kind not in {Kind.CHOICE, Kind.SEGMENT}:
        assert kept[PREFIX + code] == [typed]


def test_an_end_before_its_beginning(mine, case):
    offer(["since", "until"])
    answer = mine.post(url("event-add", case, "uji"), {f"{PREFIX}since": "02-05-2025", f"{PREFIX}until": "01-05-2025"})
    assert "Ini sebelum hari pertama." in text_of(answer)


def test_numbers_of_people_leave_the_details_but_numbers_of_papers_stay(mine, case):
    offer(["participants", "reference"])
    mine.post(
        url("event-add", case, "uji"),
        {f"{PREFIX}participants": "Budi 0812 0000 4417", f"{PREFIX}reference": "995/III-05/0525"},
    )
    kept = case.events.get(type__code="uji").typed
    assert "4417" not in kept["participants"].replace("*", "") or "*" in kept["participants"]
    assert kept["reference"] == "995/III-05/0525"


def test_a_fact_of_which_nobody_knows_the_day(mine, case):
    mine.post(url("event-add", case, "admitted"), {f"{PREFIX}when_told": "bulan Mei, tahun tidak disebut"})
    event = case.events.get(type__code="admitted")
    assert event.happened_on_day and event.data["undated"] is True
    assert not case.clocks.exists()  # no deadline is counted from a day that nobody knows
    page = text_of(mine.get(url("case-detail", case)))
    assert "Hari belum diketahui" in page and "bulan Mei, tahun tidak disebut" in page
    mine.post(
        url("event-correct", event),
        {**inputs(mine.get(url("event-correct", event))), "type": "admitted", "on": "02-05-2026"},
    )
    assert "Hari belum diketahui" not in text_of(mine.get(url("case-detail", case)))


def test_a_correction_keeps_what_is_not_touched(mine, case):
    mine.post(
        url("event-add", case, "got_room"),
        {f"{PREFIX}bed_class": "2", f"{PREFIX}right_class": "3", f"{PREFIX}unit": "Melati"},
    )
    event = case.events.get(type__code="got_room")
    sent = inputs(mine.get(url("event-correct", event)))
    assert sent[f"{PREFIX}bed_class"] == ["2"] and sent[f"{PREFIX}unit"] == ["Melati"]
    again = mine.post(url("event-correct", event), sent)
    assert "Belum ada yang diubah." in text_of(again)
    mine.post(url("event-correct", event), {**sent, f"{PREFIX}bed_class": ["vip"], "submit_key": uuid4()})
    corrected = case.events.get(corrects=event)
    assert corrected.typed == {"bed_class": "vip", "right_class": "3", "unit": "Melati"}
    page = text_of(mine.get(url("case-detail", case)))
    assert "VIP" in page and "kelas 2" in page.lower()  # the first version stays readable


def test_what_is_awaited_on_a_day_is_planned_and_moves_with_a_correction(mine, world, case):
    soon = timezone.localdate() + timedelta(days=20)
    mine.post(url("event-add", case, "evidence_requested"), {f"{PREFIX}document": "CCTV IGD", f"{PREFIX}due_on": soon})
    plan = case.follow_ups.get(title="Bukti diminta: CCTV IGD")
    assert plan.due_is_day and timezone.localtime(plan.due_at).date() == soon and plan.owner == world.relawan
    assert plan.kind == FollowUpKind.ANSWER
    event = case.events.get(type__code="evidence_requested")
    sent = inputs(mine.get(url("event-correct", event)))
    later = soon + timedelta(days=3)
    mine.post(url("event-correct", event), {**sent, f"{PREFIX}due_on": f"{later:%d-%m-%Y}"})
    plan.refresh_from_db()
    assert timezone.localtime(plan.due_at).date() == later
    sent = inputs(mine.get(url("event-correct", event)))
    mine.post(url("event-correct", event), {**sent, f"{PREFIX}due_on": "", "submit_key": uuid4()})
    plan.refresh_from_db()
    assert plan.state == FollowUpState.CANCELLED


def test_a_day_that_has_passed_plans_nothing(mine, case):
    mine.post(url("event-add", case, "birth_expected"), {f"{PREFIX}due_on": "10-12-2017"})
    assert case.events.get(type__code="birth_expected").typed == {"due_on": "2017-12-10"}
    assert not case.follow_ups.filter(title__startswith="Perkiraan lahir").exists()


def test_routine_care_comes_again_until_death(mine, world, case):
    soon = timezone.localdate() + timedelta(days=2)
    mine.post(
        url("event-add", case, "routine_care"),
        {f"{PREFIX}treatment": "Transfusi", f"{PREFIX}every_days": "21", f"{PREFIX}due_on": soon},
    )
    plan = case.follow_ups.get(title="Perawatan rutin: Transfusi")
    assert (plan.repeat_days, plan.kind, plan.for_the_living) == (21, FollowUpKind.CARE, True)
    follow_ups.finish(follow_up=plan, by=world.relawan)
    following = case.follow_ups.open().get(repeat_days=21)
    assert following.due_at == plan.due_at + timedelta(days=21)
    facts.tell(case=case, type=EventType.objects.get(code="died"), by=world.relawan)
    assert not case.follow_ups.open().filter(repeat_days=21).exists()


def test_the_days_of_a_stay_are_counted(mine, case):
    begun = timezone.localdate() - timedelta(days=10)
    mine.post(url("event-add", case, "admitted"), {"on": begun, "hour": "08.00"})
    assert "Hari rawat 10" in text_of(mine.get(url("case-detail", case)))
    mine.post(url("event-add", case, "discharged"), {"on": begun + timedelta(days=4), "hour": "10.00"})
    assert "Hari rawat 4" in text_of(mine.get(url("case-detail", case)))


def test_the_chip_form_leads_to_the_details_with_what_was_typed(mine, case):
    answer = mine.post(url("event-add", case, "baru"), {"type": "refused", "text": "Loket menolak.", "rincian": "1"})
    assert answer.status_code == 200 and inputs(answer)["text"] == ["Loket menolak."]
    assert not case.events.filter(type__code="refused").exists()
    sent = {**inputs(answer), f"{PREFIX}officer": "Bu Tini"}
    mine.post(url("event-add", case, "refused"), sent)
    assert case.events.get(type__code="refused").typed == {"officer": "Bu Tini"}


def test_a_code_nobody_knows_is_refused_and_an_old_one_stays_readable(world, case):
    with pytest.raises(Refused):
        facts.tell(
            case=case, type=EventType.objects.get(code="note"), by=world.relawan, text="x", details={"warna": "merah"}
        )
    assert not Event.objects.filter(details__has_key="warna").exists()
    assert unknown(["officer", "warna"]) == ["warna"]
    assert say("warna", "merah", zone="Asia/Jakarta", language="id") == "merah"
    assert say("paper_on", "entah", zone="Asia/Jakarta", language="id") == "entah"


def test_every_detail_is_used_by_some_event_and_has_a_field(catalogue):
    used = {code for row in EventType.objects.all() for code in row.details}
    assert set(DETAILS) - used == {"when_told"}
    assert all(field_of(detail, "Asia/Jakarta").label for detail in DETAILS.values())
    assert date.fromisoformat("2026-11-22")


def test_an_admin_chooses_the_details_and_is_told_of_a_slip(as_user, world):
    row = EventType.objects.get(code="refused")
    address = reverse("admin:cases_eventtype_change", args=[row.pk])
    client = as_user(world.superuser)
    sent = {**inputs(client.get(address)), "next_due_hours": "{}"}
    answer = client.post(address, {**sent, "details": "officer\nwarna"})
    assert "Tidak dikenal: warna." in text_of(answer)
    answer = client.post(address, {**sent, "details": "reason\nofficer\n"})
    assert answer.status_code == 302, text_of(answer)
    row.refresh_from_db()
    assert row.details == ["reason", "officer"] and row.edited_at


def test_other_events_are_found_by_words(mine, case):
    page = text_of(mine.get(url("event-others", case) + "?cari=antre"))
    assert "Jadwal operasi" in page and "Somasi" not in page
    page = text_of(mine.get(url("event-others", case) + "?cari=polisi"))
    assert "Laporan polisi" in page and "Somasi" not in page
    page = text_of(mine.get(url("event-others", case) + "?cari=zzz"))
    assert "Tidak ada yang bernama begitu" in page
