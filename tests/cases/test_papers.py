"""The papers a case needs: lists of its programmes, shared papers once, each moved on in a tap until it is given back."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from cases.models import Case, CasePaper, Checklist, Outcome, PaperType, ProblemType, Programme
from cases.reports import papers as report
from cases.rules import papers as rules
from cases.rules.codes import EventCode, FollowUpKind, FollowUpState
from cases.rules.errors import CaseIsClosed, Refused, Stale
from cases.rules.registers import MISSING, PaperState
from cases.services import attachments, closing, papers
from tests.factories import make_case
from tests.pictures import phone_photo, upload

pytestmark = pytest.mark.django_db


def url(thing, name="case-papers"):
    return reverse(f"cases:{name}", args=[thing.uuid])


def text_of(response):
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(page.replace("&#x27;", "'").split())


@pytest.fixture
def start(world, case):
    def start(code, *, on=case):
        return papers.start(case=on, checklist=Checklist.objects.get(code=code), by=world.relawan)

    return start


@pytest.fixture
def ktp(world, case):
    return papers.add(case=case, name="KTP atau NIK", by=world.relawan)


@pytest.fixture
def edit(world, ktp):
    def edit(paper=ktp, **given):
        paper.refresh_from_db()
        return papers.edit(
            paper=paper,
            by=given.pop("by", world.relawan),
            **{"state": paper.state, "version": paper.version, **given},
        )

    return edit


def close(case, world):
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.koordinator)
    case.refresh_from_db()


# Lists


def test_a_jkk_claim_shows_which_form_is_missing(start, case, world):
    """C1.6: a JKK claim shows which form is missing."""
    start("jkk_accident")
    stage_one = case.casepapers.get(paper__code="jkk_stage_one")
    papers.move(paper=stage_one, state=PaperState.RECEIVED, by=world.relawan)
    codes = [row.paper.code for row in papers.missing(case)]
    assert "jkk_stage_one" not in codes
    assert codes[:2] == ["jkk_stage_two", "jkk_doctor_form"]


def test_a_jkm_claim_shows_who_issues_each_paper(start, case, world, as_user):
    """C1.6: a JKM claim shows who issues each paper."""
    new = start("jkm")
    issuers = dict(PaperType.objects.values_list("pk", "issuer"))
    assert len(new) == Checklist.objects.get(code="jkm").items.count()
    assert all(row.issuer == issuers[row.paper_id] for row in new)
    page = text_of(as_user(world.relawan).get(url(case)))
    assert "dari Dukcapil" in page


def test_two_programmes_are_two_lists_of_one_patient_and_share_their_papers(start, case):
    """S3.17: accident and sickness together: two routes, two checklists, one patient."""
    first, second = start("jkk_accident"), start("local_cover")
    shared = set(Checklist.objects.get(code="jkk_accident").items.values_list("paper", flat=True)) & set(
        Checklist.objects.get(code="local_cover").items.values_list("paper", flat=True)
    )
    assert shared
    assert not shared & {row.paper_id for row in second}
    found = report.of_case(case)
    assert [row.checklist.code for row in found.lists] == ["jkk_accident", "local_cover"]
    assert len(found.lists[0].rows) == len(first)
    assert len(found.lists[1].rows) == len(second) + len(shared)
    also = [row for row in found.lists[1].rows if row.also_on]
    assert {row.paper.paper_id for row in also} == shared
    assert {row.also_on for row in also} == {found.lists[0].checklist.label}
    assert case.parties.count() == 1


@pytest.mark.parametrize("is_restricted", [False, True])
def test_a_list_whose_papers_are_all_there_is_started_all_the_same(start, case, world, is_restricted):
    Case.objects.filter(pk=case.pk).update(is_restricted=is_restricted)
    checklist = Checklist.objects.get(code="jkk_stmb")
    for item in checklist.items.all():
        papers.add(case=case, name=item.paper.name, by=world.relawan)
    assert start("jkk_stmb") == []
    assert [row.code for row in papers.started(case)] == ["jkk_stmb"]
    assert len(report.of_case(case).lists) == 1


def test_starting_twice_adds_and_tells_nothing(start, case):
    start("jkm")
    count = case.events.count()
    assert start("jkm") == []
    assert case.events.count() == count
    assert case.events.latest("pk").data == {"checklist": "jkm", "papers": case.casepapers.count()}


def test_the_lists_of_the_problem_come_first_then_of_the_programme(case):
    case.problem_types.add(ProblemType.objects.get(code="F05"))
    case.programmes.add(Programme.objects.get(code="JHT"))
    with translation.override("id"):
        offer = papers.offer(case)
    codes = [row.code for row in offer.fitting]
    assert codes[:2] == ["jkm", "scholarship"]
    assert set(codes[2:]) == {"jht_resign", "jht_phk", "jht_death"}
    assert "jkk_accident" in {row.code for row in offer.others}


def test_a_list_that_no_longer_holds_is_not_offered(case):
    Checklist.objects.filter(code="jkm").update(effective_to=timezone.localdate() - timedelta(days=30))
    offer = papers.offer(case)
    assert "jkm" not in {row.code for row in [*offer.fitting, *offer.others]}


def test_when_a_paper_is_needed_is_shown(start, case, world, as_user):
    start("jkk_accident")
    assert "bila kecelakaan lalu lintas" in text_of(as_user(world.relawan).get(url(case)))


# By hand


def test_a_name_of_the_catalogue_is_that_paper(ktp, case):
    assert (ktp.paper.code, ktp.name, ktp.issuer) == ("ktp", "", "Dukcapil")


def test_the_same_paper_is_added_once(case, world, ktp):
    assert papers.add(case=case, name="ktp ATAU nik", by=world.relawan) == ktp
    own = papers.add(case=case, name="Surat RT", issuer="Ketua RT", by=world.relawan)
    assert papers.add(case=case, name="surat rt", by=world.relawan) == own
    assert case.casepapers.count() == 2


def test_the_table_keeps_a_paper_once_and_named(case, ktp):
    now = timezone.now()
    for given in ({"paper": ktp.paper}, {"name": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CasePaper.objects.create(case=case, state_at=now, logged_at=now, **given)


def test_numbers_of_people_leave_the_texts(case, world, edit):
    paper = papers.add(case=case, name="Surat 081234567890", by=world.relawan)
    assert "081234567890" not in paper.name
    saved = edit(holder="Budi 081234567890", reference="3515114107800001", note="HP 081234567890")
    assert "081234567890" not in saved.holder + saved.note
    assert "3515114107800001" not in saved.reference


def test_a_restricted_case_seals_its_texts(case, edit):
    Case.objects.filter(pk=case.pk).update(is_restricted=True)
    paper = edit(holder="Budi Santoso", note="hasil VL")
    with connection.cursor() as cursor:
        cursor.execute("SELECT holder, note FROM cases_casepaper WHERE id = %s", [paper.pk])
        assert not any(word in text for text in cursor.fetchone() for word in ("Budi", "VL"))
    paper.refresh_from_db()
    assert (paper.holder, paper.note) == ("Budi Santoso", "hasil VL")


# On its way


def test_every_state_has_its_next_steps_and_the_way_leads_to_the_end():
    assert set(rules.NEXT) == set(PaperState)
    state, way = PaperState.NEEDED, []
    while state:
        way.append(state)
        state = next(iter(rules.next_states(state)), None)
    assert way == ["needed", "asked", "received", "submitted", "returned"]


def test_one_tap_moves_a_paper_on_and_tells_ids_only(ktp, case, world):
    for state in ("asked", "received", "submitted", "returned"):
        ktp = papers.move(paper=ktp, state=state, by=world.relawan)
    assert ktp.state == "returned"
    event = case.events.latest("pk")
    assert event.type.code == EventCode.PAPER_MOVED
    assert event.data == {"paper": str(ktp.uuid), "from": "submitted", "to": "returned"}
    assert event.text == ""


def test_a_second_tap_changes_nothing(ktp, case, world):
    papers.move(paper=ktp, state="asked", by=world.relawan)
    count = case.events.count()
    assert papers.move(paper=ktp, state="asked", seen="needed", by=world.koordinator).state == "asked"
    assert case.events.count() == count


def test_nobody_is_overtaken_unseen(ktp, world):
    papers.move(paper=ktp, state="received", by=world.koordinator)
    with pytest.raises(Refused, match="Sudah diterima"), translation.override("id"):
        papers.move(paper=ktp, state="asked", seen="needed", by=world.relawan)
    ktp.refresh_from_db()
    assert ktp.state == "received"


def test_asking_can_set_a_follow_up_that_ends_with_the_paper(ktp, case, edit, world):
    now = timezone.now()
    paper = edit(state="asked", ask_again_at=now + timedelta(days=3), ask_again_is_day=True)
    plan = paper.follow_up
    assert (plan.kind, plan.owner, plan.state) == (FollowUpKind.PAPER, world.relawan, FollowUpState.OPEN)
    assert "KTP atau NIK" in plan.title
    case.refresh_from_db()
    assert case.next_due_at == plan.due_at
    papers.move(paper=paper, state="received", by=world.relawan)
    plan.refresh_from_db()
    assert plan.state == FollowUpState.DONE


def test_another_moment_moves_the_one_plan(edit, case):
    now = timezone.now()
    first = edit(state="asked", ask_again_at=now + timedelta(days=1)).follow_up
    again = edit(ask_again_at=now + timedelta(days=2))
    assert again.follow_up == first
    assert again.follow_up.due_at == now + timedelta(days=2)
    assert case.follow_ups.filter(kind=FollowUpKind.PAPER).count() == 1


def test_a_slip_of_the_finger_brings_the_plan_back(edit, world):
    paper = edit(state="asked", ask_again_at=timezone.now() + timedelta(days=1))
    paper = papers.move(paper=paper, state="received", by=world.relawan)
    paper = papers.move(paper=paper, state="asked", seen="received", by=world.relawan)
    assert paper.follow_up.state == FollowUpState.OPEN


def test_not_needed_cancels_the_plan_and_is_missing_no_more(edit, case):
    paper = edit(state="asked", ask_again_at=timezone.now() + timedelta(days=1))
    edit(state="unneeded")
    paper.follow_up.refresh_from_db()
    assert paper.follow_up.state == FollowUpState.CANCELLED
    assert papers.missing(case) == []
    assert report.of_case(case).needed == 0


def test_what_was_saved_in_between_is_not_overwritten(ktp, edit, world):
    version = ktp.version
    edit(note="di laci posko", by=world.koordinator)
    with pytest.raises(Stale) as refusal:
        edit(note="hilang", version=version)
    assert refusal.value.current.note == "di laci posko"


def test_a_photo_of_another_case_is_refused(edit, world):
    other = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
    photo = attachments.add(case=other, upload=upload(phone_photo()), by=world.relawan)
    with pytest.raises(Refused):
        edit(attachment=photo)


def test_a_closed_case_moves_no_paper(ktp, case, world, start, edit):
    close(case, world)
    for act in (
        lambda: papers.move(paper=ktp, state="asked", by=world.relawan),
        lambda: papers.add(case=case, name="Surat RT", by=world.relawan),
        lambda: start("jkm"),
        lambda: edit(note="x"),
    ):
        with pytest.raises(CaseIsClosed):
            act()
    assert case.casepapers.count() == 1


# What is missing


def test_the_count_is_the_list_and_stays_right_beside_other_counts(start, case, world):
    start("jkm")
    other = make_case(desk=world.desk, by=world.relawan)
    papers.move(paper=case.casepapers.first(), state="received", by=world.relawan)
    papers.move(paper=case.casepapers.last(), state="asked", by=world.relawan)
    rows = Case.objects.filter(pk__in=[case.pk, other.pk]).annotate(n=papers.count_missing())
    rows = rows.filter(parties__isnull=False, events__isnull=False)
    counts = dict(rows.values_list("pk", "n"))
    assert counts[case.pk] == len(papers.missing(case)) == case.casepapers.count() - 1
    assert counts.get(other.pk) == 0
    assert {row.state for row in papers.missing(case)} <= set(MISSING)


# The page


def test_a_list_is_started_and_a_paper_moved_in_one_tap_each(world, case, as_user):
    case.problem_types.add(ProblemType.objects.get(code="F05"))
    client = as_user(world.relawan)
    assert 'value="jkm"' in client.get(url(case)).content.decode()
    page = text_of(client.post(url(case, "papers-start"), {"checklist": "jkm"}, follow=True))
    count = case.casepapers.count()
    assert f"{count} berkas masuk daftar." in page
    assert f"{count} berkas kurang dari {count} berkas" in page
    paper = case.casepapers.first()
    page = client.post(url(paper, "paper-move"), {"ke": "received", "dari": "needed"}, follow=True)
    assert f"{count - 1} berkas kurang dari {count} berkas" in text_of(page)
    undo = re.search(r'action="(/berkas-perlu/[^"]+langkah/\?[^"]+)"', page.content.decode())[1].replace("&amp;", "&")
    client.post(undo)
    paper.refresh_from_db()
    assert paper.state == "needed"


def test_a_list_that_does_not_exist_is_said(world, case, as_user):
    for code, said in (("", "Pilih daftarnya."), ("rahasia", "Daftar ini tidak ada. Pilih lagi.")):
        page = as_user(world.relawan).post(url(case, "papers-start"), {"checklist": code}, follow=True)
        assert said in text_of(page)
    assert not case.casepapers.exists()


def test_a_state_that_does_not_exist_is_said(world, ktp, as_user):
    page = as_user(world.relawan).post(url(ktp, "paper-move"), {"ke": "dimakan"}, follow=True)
    assert "Pilih sudah sampai mana." in text_of(page)
    ktp.refresh_from_db()
    assert ktp.state == "needed"


def test_a_paper_by_hand_through_the_page(world, case, as_user):
    client = as_user(world.relawan)
    page = client.post(url(case), {"name": "", "issuer": "Ketua RT"})
    assert "Tulis berkas apa." in text_of(page)
    assert "Ketua RT" in page.content.decode()
    given = {"name": "Surat RT", "issuer": "Ketua RT", "state": "received", "submit_key": str(uuid4())}
    for _ in range(2):
        client.post(url(case), given)
    paper = case.casepapers.get()
    assert (paper.name, paper.state, paper.issuer) == ("Surat RT", "received", "Ketua RT")
    page = text_of(client.post(url(case), {"name": "surat rt"}, follow=True))
    assert "Berkas ini sudah ada di daftar." in page


def test_the_details_of_a_paper_through_the_page(world, case, ktp, as_user):
    photo = attachments.add(case=case, upload=upload(phone_photo()), by=world.relawan, title="KTP pasien")
    client = as_user(world.relawan)
    given = {
        "state": "asked", "version": ktp.version, "holder": "Adik pasien", "reference": "REG-7", "when": "1d",
        "attachment": str(photo.uuid), "issuer": "Dukcapil",
    }  # fmt: skip
    choices = re.findall(r'name="when" value="([^"]+)"', client.get(url(ktp, "paper-edit")).content.decode())
    assert client.post(url(ktp, "paper-edit"), {**given, "when": choices[0]}).status_code == 302
    ktp.refresh_from_db()
    assert (ktp.state, ktp.holder, ktp.reference, ktp.attachment) == ("asked", "Adik pasien", "REG-7", photo)
    assert ktp.follow_up.kind == FollowUpKind.PAPER
    page = text_of(client.get(url(case)))
    assert "Nomor REG-7 · Asli dipegang Adik pasien" in page
    assert "Tanya lagi" in page


def test_bad_input_of_the_details_is_said_and_nothing_is_kept(world, case, ktp, as_user):
    client = as_user(world.relawan)
    for wrong, said in (
        ({"state": ""}, "Pilih sudah sampai mana."),
        ({"day": "31-02-2026"}, "Tanggal ini tidak ada."),
        ({"day": "2020-01-01"}, "Waktu ini sudah lewat. Pilih waktu yang akan datang."),
        ({"attachment": str(uuid4())}, "Berkas ini bukan milik kasus ini."),
    ):
        if "attachment" in wrong:
            attachments.add(case=case, upload=upload(phone_photo()), by=world.relawan)
        page = client.post(url(ktp, "paper-edit"), {"state": "asked", "version": 1, "note": "di laci", **wrong})
        assert page.status_code == 200, wrong
        assert said in text_of(page), wrong
        assert "di laci" in page.content.decode()
    ktp.refresh_from_db()
    assert (ktp.state, ktp.note) == ("needed", "")


def test_saved_in_between_the_page_says_so_and_saves_on_the_second_try(world, ktp, as_user):
    papers.move(paper=ktp, state="received", by=world.koordinator)
    client = as_user(world.relawan)
    page = client.post(url(ktp, "paper-edit"), {"state": "asked", "version": ktp.version, "note": "di laci"})
    assert page.status_code == 409
    assert "Sementara itu orang lain menyimpan berkas ini: Sudah diterima." in text_of(page)
    version = re.search(r'name="version" value="(\d+)"', page.content.decode())[1]
    client.post(url(ktp, "paper-edit"), {"state": "asked", "version": version, "note": "di laci"})
    ktp.refresh_from_db()
    assert (ktp.state, ktp.note) == ("asked", "di laci")


def test_who_holds_it_shows_where_names_are_open_and_is_kept_elsewhere(world, case, ktp, edit, as_user):
    edit(holder="Budi Santoso", reference="REG-7")
    client = as_user(world.koordinator)
    assert "Budi" not in text_of(client.get(url(case)))
    ktp.refresh_from_db()
    page = client.get(url(ktp, "paper-edit"))
    assert "Budi" not in page.content.decode()
    client.post(url(ktp, "paper-edit"), {"state": "asked", "version": ktp.version, "holder": "Orang lain"})
    ktp.refresh_from_db()
    assert (ktp.state, ktp.holder, ktp.reference) == ("asked", "Budi Santoso", "REG-7")


def test_a_closed_case_can_be_read(world, case, ktp, as_user):
    close(case, world)
    client = as_user(world.relawan)
    page = text_of(client.get(url(case)))
    assert "KTP atau NIK" in page
    assert "Simpan berkas ini" not in page
    assert client.post(url(case), {"name": "Surat RT"}).status_code == 409
    page = client.post(url(ktp, "paper-move"), {"ke": "asked", "dari": "needed"}, follow=True)
    assert "Kasus ini sudah ditutup. Buka lagi dulu." in text_of(page)


def test_what_is_not_yours_does_not_exist(world, case, ktp, as_user):
    client = as_user(world.outsider)
    for thing, name in ((case, "case-papers"), (ktp, "paper-edit")):
        assert client.get(url(thing, name)).status_code == 404
        assert client.post(url(thing, name), {"name": "x", "state": "asked"}).status_code == 404
    assert client.post(url(ktp, "paper-move"), {"ke": "asked"}).status_code == 404
    assert client.post(url(case, "papers-start"), {"checklist": "jkm"}).status_code == 404
    assert case.casepapers.count() == 1


def test_the_page_costs_the_same_however_many_papers(world, case, start, as_user):
    client = as_user(world.relawan)

    def statements():
        with CaptureQueriesContext(connection) as found:
            client.get(url(case))
        return len(found)

    start("jkk_stmb")
    statements()
    few = statements()
    for code in ("jkk_accident", "jkm", "jp"):
        start(code)
    assert statements() == few
