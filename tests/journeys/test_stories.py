"""Each of the 33 stories goes in through the web pages, line by line, and comes back whole: no fact stays in a sentence.

tests/data/stories.json is the project's own copy: for every line that software must capture, in words of our own, where
the fact lives and what is typed on which page. The story itself is told in cases/data/demo/cases.json. Days like "-10"
and "+12" are counted from today.
"""

import hashlib
import html
import json
import re
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image

from cases.demo.stories import form_data
from cases.demo.union import read
from cases.forms.details import PREFIX
from cases.models import Case, Event, MembershipState, Programme, Segment
from cases.reports.collective import rollup
from cases.rules import rupiah
from cases.rules.details import DETAILS, Kind, say
from members.models import Region
from members.rules import words as say_words
from tests.cases.test_case_forms import inputs, text_of

pytestmark = pytest.mark.django_db

HERE = Path(__file__).resolve().parent.parent
STORIES = json.loads((HERE / "data" / "stories.json").read_text(encoding="utf-8"))
TALES = {row["id"]: row for row in read("cases")}
FINGERPRINTS = set(
    re.sub(
        r"^#.*$", "", (HERE / "cases" / "real_cases.fingerprints").read_text(), flags=re.MULTILINE
    ).split()
)  # fmt: skip
#: How many lines each story must have: the length of its `what_software_must_capture`.
LINES = {
    "RC01": 4, "RC02": 5, "RC05": 3, "RC08": 4, "RC09": 4, "RC11": 4, "RC13": 4, "RC14": 3, "RC17": 4, "RC19": 4,
    "RC20": 4, "RC22": 3, "RC24": 3, "RC26": 5, "RC28": 3, "RC29": 5, "RC31": 4, "RC34": 3, "RC36": 3, "RC38": 4,
    "RC41": 4, "RC43": 4, "RC45": 3, "RC47": 4, "RC48": 3, "RC52": 3, "RC54": 3, "RC56": 3, "RC59": 3, "RC61": 3,
    "RC63": 2, "RC65": 2, "RC67": 3,
}  # fmt: skip
#: Fields of a form that are kept under another name, or as a row.
OFFICES = {"facility", "office", "where"}
#: Register pages: address, the rows of the case, and fields that are a way of asking and no fact.
REGISTERS = {
    "attempts": ("attempts", "attempts"),
    "promises": ("case-commitments", "commitments"),
    "money": ("money", "moneylines"),
    "papers": ("case-papers", "casepapers"),
    "counts": ("counts", "casecounts"),
    "partners": ("partners", "casepartners"),
    "claims": ("claims", "claims"),
    "letter": ("letter-add", "letters"),
    "cover": ("case-cover", "covercheckss"),
    "plan": ("follow-up-add", "follow_ups"),
    "person": ("people", "parties"),
}
NOT_KEPT = {"hour", "due_hour", "again", "no_proof", "when", "kind", "name", "owner", "full_name", "is_check"}


def photo():
    file = BytesIO()
    Image.new("RGB", (8, 8), "white").save(file, "JPEG")
    return SimpleUploadedFile("foto.jpg", file.getvalue(), "image/jpeg")


def day(text: str) -> date:
    """A day as the data has it: 31-08-2018, or so many days from today."""
    if re.fullmatch(r"[+-]\d+", text):
        return timezone.localdate() + timedelta(days=int(text))
    return datetime.strptime(text, "%d-%m-%Y").date()


def typed(form: dict) -> dict:
    """The form as somebody types it."""
    return {
        name: f"{day(value):%d-%m-%Y}" if isinstance(value, str) and re.fullmatch(r"[+-]\d+", value) else value
        for name, value in form.items()
    }


class Teller:
    """Somebody who enters a story, and remembers what must be read back from which page."""

    def __init__(self, client, world, story):
        self.client, self.world, self.story = client, world, story
        self.wanted: dict[str, list[str]] = {}
        self.case = self.log()

    def log(self) -> Case:
        tale = TALES[self.story["id"]]["form"]
        given = {**tale, "carry": "me", "parties": tale.get("parties", [])}
        data = form_data(
            given, desk_uuid=str(self.world.desk.uuid), region=Region.objects.get(code=tale["region"]), body=None
        )
        if not data["place"] or "_" in data["place"]:
            data["place"] = ""
        data |= self.story["log"]
        self.typed_log = data
        assert self.client.post(reverse("cases:quick-log"), data).status_code == 302
        return Case.objects.get(submit_key=data["submit_key"])

    # --- pages ---

    def url(self, name, row=None, *args):
        return reverse(f"cases:{name}", args=[(row or self.case).uuid, *args])

    def expect(self, address: str, *texts: str) -> None:
        self.wanted.setdefault(address, []).extend(str(text) for text in texts if text)

    def post(self, address: str, form: dict):
        answer = self.client.post(address, {"submit_key": uuid4(), **typed(form)})
        assert answer.status_code == 302, (address, form, text_of(answer)[:1500])
        return answer

    def enter(self, page: str, what: str, form: dict) -> None:
        self.case.refresh_from_db()
        act = getattr(self, "do_" + page.replace("-", "_"), None)
        if act:
            act(what, form)
        else:
            self.register(page, form)

    # --- facts ---

    def do_event(self, code: str, form: dict, case: Case | None = None) -> None:
        case = case or self.case
        sent = {PREFIX + name[2:] if name.startswith("d_") else name: value for name, value in form.items()}
        self.post(self.url("event-add", case, code), sent)
        event = case.events.filter(type__code=code, corrects=None).order_by("-pk").first()
        self.compare_event(event, form, case)

    def compare_event(self, event: Event, form: dict, case: Case) -> None:
        there = event.happened_at.astimezone(ZoneInfo(case.zone))
        page = self.url("timeline", case) + "?sistem=1"
        if "on" in form:
            assert there.date() == day(form["on"])
            self.expect(page, say_words.day(there.date()))
        if "hour" in form:
            assert f"{there:%H.%M}" == form["hour"] and not event.happened_on_day
            self.expect(page, form["hour"])
        for name in ("text", "counterpart"):
            if name in form:
                assert getattr(event, name) == form[name]
                self.expect(page, form[name])
        if "where" in form:
            assert event.body.name == form["where"]
            self.expect(page, form["where"])
        names = {row.code: row.label for model in ROWS for row in model.objects.all()}
        for name, value in form.items():
            if not name.startswith("d_"):
                continue
            code = name[2:]
            kind = DETAILS[code].kind
            kept = event.typed[code]
            wanted = {
                Kind.NUMBER: lambda value: int(value),
                Kind.MONEY: rupiah.parse,
                Kind.DAY: lambda value: day(value).isoformat(),
                Kind.HOUR: lambda value: value.replace(".", ":"),
                Kind.MOMENT: lambda value: (
                    datetime.fromisoformat(value).replace(tzinfo=ZoneInfo(case.zone)).isoformat()
                ),
            }.get(kind, str)(value)
            assert kept == wanted, (code, kept, wanted)
            self.expect(page, DETAILS[code].label, say(code, kept, zone=case.zone, language="id", names=names))

    def do_sub_event(self, code: str, form: dict) -> None:
        """The same on a sub-case: what is true of one person."""
        self.do_event(code, form, case=self.case.sub_cases.order_by("pk").first())

    def do_correct(self, code: str, form: dict) -> None:
        self.post(self.url("event-add", self.case, code), {"text": "Ditolak."})
        event = self.case.events.get(type__code=code)
        address = reverse("cases:event-correct", args=[event.uuid])
        sent = {PREFIX + name[2:] if name.startswith("d_") else name: value for name, value in form.items()}
        self.post(address, {**inputs(self.client.get(address)), **sent, "submit_key": uuid4()})
        self.compare_event(event.corrections.get(), form, self.case)
        self.expect(self.url("timeline"), "Ditolak.")

    # --- registers ---

    def register(self, page: str, form: dict) -> None:
        name, _rows = REGISTERS[page]
        address = self.url(name)
        extra = {"who": "baru"} if page == "person" else {}
        before = set(self.rows(page).values_list("pk", flat=True))
        self.post(address, {**extra, **form})
        row = self.rows(page).exclude(pk__in=before).order_by("-pk").first()
        assert row is not None, (page, form)
        self.last = row
        see = (
            self.url("letter", row)
            if page == "letter"
            else self.url("case-detail")
            if page in {"plan", "person"}
            else address
        )
        for field, value in form.items():
            self.compare(row, page, field, value, see)

    def rows(self, page: str):
        if page == "cover":
            return self.case._meta.apps.get_model("cases", "CoverCheck").objects.filter(case=self.case)
        return getattr(self.case, REGISTERS[page][1]).all()

    def compare(self, row, page: str, field: str, value, see: str) -> None:
        zone = ZoneInfo(self.case.zone)
        if field in OFFICES and page != "letter":
            if page == "promises" and field == "where":
                assert row.where == value
            else:
                assert row.body.name == value
            self.expect(see, value)
        elif field == "kind" and page == "promises":
            assert (row.number is not None) == (value == "tuntutan")
        elif field == "name":
            said = str(row.organisation or row.body or row.name) if page == "partners" else row.name or str(row.paper)
            assert said == value
            self.expect(see, value)
        elif field == "full_name":
            assert row.person.full_name == value
        elif field in {"on", "hour"}:
            moment = next(
                getattr(row, name)
                for name in ("at", "promised_at", "stated_at", "sent_at", "happened_at")
                if hasattr(row, name)
            )
            there = moment.astimezone(zone)
            assert there.date() == day(value) if field == "on" else f"{there:%H.%M}" == value
        elif field == "due_on":
            assert row.due_at.astimezone(zone).date() == day(value)
        elif field == "amount":
            assert row.amount == rupiah.parse(value)
            self.expect(see, say_words.rupiah(row.amount))
        elif field in {"on_date", "stated_on"}:
            assert getattr(row, field) == day(value)
        elif field == "number":
            assert row.number == int(value.replace(".", ""))
            self.expect(see, say_words.number(row.number))
        elif field in {"segment", "state", "programme"} and page in {"cover", "counts"}:
            assert getattr(row, field).code == value
        elif field == "is_check":
            assert row.is_check == (value == "yes")
        elif field == "is_estimate":
            assert row.is_estimate is True
        elif field == "owner":
            assert row.owner is None
        elif field == "when":
            assert row.due_at > timezone.now() and row.remind_at is not None
        elif field in {"repeat_days", "review_months", "beds_free", "queue_place"}:
            assert getattr(row, field) == int(value)
        elif field not in NOT_KEPT or field == "kind":
            assert str(getattr(row, field)) == value, (page, field)
            choice = getattr(row, f"get_{field}_display", None)
            if field not in {"role", "relation", "form", "way", "kind", "term", "state"}:
                self.expect(see, choice() if choice else value)

    def do_promise_move(self, what: str, form: dict) -> None:
        row = self.case.commitments.order_by("-pk").first()
        self.post(reverse("cases:commitment", args=[row.uuid]), form)
        row.refresh_from_db()
        state = {"ditolak": "refused", "ditepati": "kept", "disanggupi": "open"}[form["act"]]
        assert row.state == state
        if "on" in form:
            assert row.ended_at.astimezone(ZoneInfo(self.case.zone)).date() == day(form["on"])
        if row.end_note:
            self.expect(self.url("commitment", row), form["note"])

    def do_letter_sent(self, what: str, form: dict) -> None:
        self.post(self.url("letter-sent", self.last), form)
        self.last.refresh_from_db()
        assert self.last.state == "sent" and self.last.their_reference == form["their_reference"]
        self.compare(self.last, "letter", "on", form["on"], "")
        self.expect(self.url("letter", self.last), form["their_reference"])

    def do_papers_start(self, what: str, form: dict) -> None:
        checklist = (
            self.case._meta.apps.get_model("cases", "Checklist")
            .objects.filter(code__icontains=form["checklist"])
            .first()
        )
        self.post(self.url("papers-start"), {"checklist": checklist.code})
        rows = self.case.casepapers.select_related("paper")
        assert rows.count() == checklist.items.count() > 0
        self.expect(self.url("case-papers"), *(row.paper.label for row in rows))

    def do_consents(self, what: str, form: dict) -> None:
        self.post(self.url("consents"), form)
        for name, value in form.items():
            if name.startswith("may_"):
                row = self.case.consents.get(purpose=name.removeprefix("may_"))
                assert row.is_given == (value == "yes")
                self.expect(self.url("consents"), row.get_purpose_display())

    def do_restrict(self, what: str, form: dict) -> None:
        self.post(self.url("restriction"), form)
        self.case.refresh_from_db()
        assert self.case.is_restricted and self.case.restriction == form["restriction"]

    def do_payer(self, what: str, form: dict) -> None:
        self.post(self.url("case-payer"), form)
        row = self.case.payerdecisions.get()
        assert (row.chosen, row.reason) == (form["chosen"], form["reason"])
        self.expect(self.url("case-payer"), form["reason"])

    def do_handover(self, what: str, form: dict) -> None:
        self.post(self.url("handover-offer"), {**form, "to": str(self.world.relawan2.uuid)})
        offer = self.case.handovers.get()
        assert offer.to_user == self.world.relawan2 and offer.to_user.whatsapp
        assert (offer.next_step, offer.reason) == (form["next_step"], form["reason"])
        receiver = Client()
        receiver.force_login(offer.to_user, backend="allauth.account.auth_backends.AuthenticationBackend")
        page = plain(text_of(receiver.get(self.url("case-detail"))))
        assert plain(form["next_step"]) in page and plain(self.world.relawan.get_short_name()) in page
        self.expect(self.url("case-detail"), offer.to_user.get_short_name())

    def do_photo(self, what: str, form: dict) -> None:
        self.post(self.url("attachment-add"), {**form, "files": photo()})
        assert self.case.attachments.filter(title=form["title"]).exists()
        self.expect(self.url("case-detail"), form["title"])

    def do_edit(self, what: str, form: dict) -> None:
        address = self.url("case-edit")
        sent = {key: value for key, value in inputs(self.client.get(address)).items() if key != "submit_key"}
        sent |= {key: value for key, value in form.items() if key != "programmes"}
        if "programmes" in form:
            sent["programmes"] = list(
                Programme.objects.filter(code__in=form["programmes"]).values_list("pk", flat=True)
            )
        self.post(address, sent)
        self.case.refresh_from_db()
        if "reported_on" in form:
            there = self.case.reported_at.astimezone(ZoneInfo(self.case.zone))
            assert (there.date(), f"{there:%H.%M}") == (day(form["reported_on"]), form["reported_hour"])
            self.expect(self.url("case-detail"), say_words.moment(self.case.reported_at, self.case.zone))
        if "programmes" in form:
            rows = self.case.programmes.all()
            assert {row.code for row in rows} == set(form["programmes"])
            self.expect(self.url("case-detail"), *(row.label for row in rows))
        if "occurred_text" in form:
            assert self.case.occurred_text == form["occurred_text"]
            self.expect(self.url("case-detail"), form["occurred_text"])

    def do_close(self, what: str, form: dict) -> None:
        self.post(self.url("close"), {**form, "step": "close", "version": self.case.version})
        self.case.refresh_from_db()
        assert (self.case.outcome.code, self.case.outcome_note) == (form["outcome"], form["note"])
        self.expect(self.url("case-detail"), self.case.outcome.label)

    # --- collective ---

    def make_collective(self, case: Case | None = None) -> None:
        self.post(self.url("collective-kind", case), {})

    def do_names(self, what: str, form: dict) -> None:
        self.make_collective()
        before = self.case.parties.count() + self.case.sub_cases.count()
        self.post(self.url("collective-names"), {**form, "sure": "1"})
        names = form["names"].split("\n")
        assert self.case.parties.count() + self.case.sub_cases.count() == before + len(names)
        if form["how"] == "cases":
            found = {
                row.parties.get().person.full_name for row in self.case.sub_cases.all() if row.parties.count() == 1
            }
            assert set(names) <= found
            self.expect(self.url("collective"), *self.case.sub_cases.values_list("number", flat=True))
        else:
            found = self.case.parties.filter(role="affected", person__full_name__in=names)
            assert found.count() == len(names)
            self.expect(self.url("case-detail"), *names)

    def do_sub(self, what: str, form: dict) -> None:
        self.make_collective()
        key = uuid4()
        answer = self.client.post(reverse("cases:quick-log"), {"submit_key": key, "parent": self.case.uuid, **form})
        assert answer.status_code == 302
        row = Case.objects.get(submit_key=key)
        assert row.parent == self.case and row.story == form["story"]
        self.expect(self.url("collective"), row.number)

    def do_link_parent(self, what: str, form: dict) -> None:
        key = uuid4()
        self.client.post(reverse("cases:quick-log"), {"submit_key": key, "story": "Pabrik berhenti, kartu semua mati."})
        parent = Case.objects.get(submit_key=key)
        self.make_collective(parent)
        self.post(self.url("collective-link", parent), {"number": self.case.number})
        self.case.refresh_from_db()
        assert self.case.parent == parent
        self.expect(self.url("collective"), parent.number)

    # --- what is read, with nothing to type ---

    def do_see(self, what: str, form: dict) -> None:
        getattr(self, "see_" + what.replace("-", "_"))(**form)

    def see_parties(self, reporter: str, patient: str) -> None:
        assert self.case.parties.get(role="reporter").relation == reporter
        assert self.case.parties.get(role="patient").relation == patient
        assert self.case.parties.get(role="reporter").person != self.case.parties.get(role="patient").person

    def see_bare(self) -> None:
        key = uuid4()
        sent = {"submit_key": key, "story": "Pasien kritis, belum tahu apa-apa."}
        assert self.client.post(reverse("cases:quick-log"), sent).status_code == 302
        assert Case.objects.get(submit_key=key).story == sent["story"]

    def see_case(self, channel: str) -> None:
        assert self.case.channel == channel and self.case.story == self.typed_log["story"]
        self.expect(self.url("case-detail"), self.case.get_channel_display())

    def see_event(self, code: str, read_at: str) -> None:
        event = self.case.events.filter(type__code=code).last()
        assert event.typed["read_at"] == read_at and event.happened_at < datetime.fromisoformat(read_at)

    def see_undated(self, code: str) -> None:
        assert self.case.events.get(type__code=code).data["undated"] is True
        self.expect(self.url("timeline"), "Hari belum diketahui")

    def see_rollup(self, all: str) -> None:
        assert rollup(self.case, self.world.relawan).all == int(all)
        self.expect(self.url("collective"), f"Kasus anak {all}", "Per bulan")

    def see_rollup_facility(self, text: str) -> None:
        self.make_collective()
        self.expect(self.url("collective"), text)

    def see_chronology(self, text: str) -> None:
        self.expect(self.url("chronology"), text)

    def see_money(self, text: str) -> None:
        self.expect(self.url("money"), text)

    def see_promises(self, text: str) -> None:
        self.expect(self.url("case-commitments"), text)

    def see_page(self, text: str) -> None:
        self.expect(self.url("case-detail"), text)

    def see_region(self, text: str) -> None:
        assert self.case.region.name == text

    def see_clock(self, rule: str) -> None:
        clock = self.case.clocks.get(rule__code=rule)
        self.expect(self.url("case-detail"), clock.rule.label)

    def read_back(self) -> None:
        """Every page that was written on says what was written."""
        for address, texts in self.wanted.items():
            answer = self.client.get(address)
            assert answer.status_code == 200, address
            page = plain(text_of(answer))
            missing = [text for text in texts if plain(text) not in page]
            assert not missing, (address, missing)


#: Rows of the catalogue that a detail may name.
ROWS = (Programme, Segment, MembershipState)


def plain(text: str) -> str:
    """Text without capitals and double spaces, entities read."""
    return " ".join(html.unescape(str(text)).lower().split())


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["id"])
def test_a_story_goes_in_and_comes_back_whole(story, as_user, world):
    with translation.override("id"):
        teller = Teller(as_user(world.relawan), world, story)
        for line in story["lines"]:
            assert line["enter"], f"{line['line']}: nobody enters it"
        entries = [entry for line in story["lines"] for entry in line["enter"]]
        for page, what, form in sorted(entries, key=lambda entry: entry[0] == "close"):  # a closed case takes no more
            teller.enter(page, what, form)
        teller.read_back()


def test_every_story_and_every_line_is_there():
    assert {story["id"]: len(story["lines"]) for story in STORIES} == LINES
    assert all(line["line"] and line["lives"] and line["enter"] for story in STORIES for line in story["lines"])


def test_the_lines_are_in_words_of_our_own():
    for story in STORIES:
        for text in [value for line in story["lines"] for value in (line["line"], *_texts(line["enter"]))]:
            text = " ".join(text.lower().split())
            runs = (text[at : at + 21] for at in range(len(text) - 20))
            assert not [run for run in runs if hashlib.sha256(run.encode()).hexdigest()[:8] in FINGERPRINTS], text


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


#: What a page of the data is in the program.
PAGES = {
    "event": "/kasus/…/kejadian/…/", "sub-event": "/kasus/…/kejadian/…/ (kasus anak)", "correct": "/kejadian/…/koreksi/",
    "attempts": "/kasus/…/faskes/", "promises": "/kasus/…/janji/", "promise-move": "/janji/…/", "money": "/kasus/…/uang/",
    "papers": "/kasus/…/berkas-perlu/", "papers-start": "/kasus/…/berkas-perlu/daftar/", "counts": "/kasus/…/hitungan/",
    "partners": "/kasus/…/mitra/", "claims": "/kasus/…/versi/", "letter": "/kasus/…/surat/",
    "letter-sent": "/surat/…/terkirim/", "cover": "/kasus/…/kartu/", "payer": "/kasus/…/penjamin/",
    "plan": "/kasus/…/tindak-lanjut/", "person": "/kasus/…/orang/", "consents": "/kasus/…/persetujuan/",
    "restrict": "/kasus/…/batasan/", "handover": "/kasus/…/serah-terima/", "photo": "/kasus/…/berkas/",
    "edit": "/kasus/…/ubah/", "close": "/kasus/…/tutup/", "names": "/kasus/…/kolektif/daftar/",
    "sub": "/catat/?induk=…", "link-parent": "/kasus/…/kolektif/tautkan/", "see": "",
}  # fmt: skip
#: What is only read: on which page.
SEEN = {
    "parties": "/catat/", "bare": "/catat/", "case": "/catat/", "event": "/kasus/…/perjalanan/",
    "undated": "/kasus/…/perjalanan/", "rollup": "/kasus/…/kolektif/", "rollup-facility": "/kasus/…/kolektif/",
    "chronology": "/kasus/…/kronologi/", "money": "/kasus/…/uang/", "promises": "/kasus/…/janji/", "page": "/kasus/…/",
    "region": "/catat/", "clock": "/kasus/…/",
}  # fmt: skip


def table() -> str:
    """docs/stories.md, as the data has it."""
    rows = [
        "# Stories: where every line lives",
        "",
        "Each of the 33 real stories, each line of what software must capture (in words of our own), the typed field, event,",
        "clock, commitment or money line that holds it, and the page where it is entered. Written from `tests/data/stories.json`;",
        "`tests/journeys/test_stories.py` enters every line through its page, reads it back from the database and from the page,",
        "and fails when this table is not what the data says (its `table()` is what must stand here).",
        "",
        "| story | line | where it lives | page |",
        "|---|---|---|---|",
    ]
    for story in STORIES:
        for number, line in enumerate(story["lines"], 1):
            pages = dict.fromkeys(PAGES[page] or SEEN[what] for page, what, _form in line["enter"])
            rows.append(f"| {story['id']}.{number} | {line['line']} | {line['lives']} | {', '.join(pages)} |")
    return "\n".join(rows) + "\n"


def test_the_table_says_what_the_data_says():
    assert (HERE.parent / "docs" / "stories.md").read_text(encoding="utf-8") == table()
