"""Every page of the site in a real Chromium: axe in both looks and widths, room, targets, words, weight, no stranger."""

import gzip
import re
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from axe_playwright_python.base import AXE_SCRIPT
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData
from playwright.sync_api import expect

from cases.models import Case, Checklist, EventType, HandOver, Outcome, Playbook, Rule, SavedView
from cases.rules.codes import PartyRole
from cases.rules.commitments import Terms
from cases.services import (
    attachments,
    attempts,
    carrying,
    claims,
    clocks,
    closing,
    commitments,
    counts,
    editing,
    facts,
    follow_ups,
    letters,
    money,
    papers,
    parties,
    partners,
)
from cases.views.quick_log import KEPT
from members.models import Person, User
from members.rules.numbers import NumberKind
from members.rules.roles import Role
from members.services import accounts, directory, invitations, messages, people
from tests.access.visitors import every_url
from tests.browser.pages import NO_PAGES, PAGES, Page
from tests.conftest import PHONE
from tests.factories import PASSWORD, make_case, make_user
from tests.lists import build_import
from tests.pictures import phone_photo, upload
from tests.printouts import build_printouts
from tests.registers import build_registers
from tests.training import build_training

LAPTOP = {"width": 1280, "height": 800}
NARROW = {"width": 320, "height": 640}

# The budgets (bytes on the wire).
FIRST_LOAD, FIRST_REQUESTS = 150_000, 15
AGAIN, AGAIN_REQUESTS = 40_000, 4
ADMIN_REQUESTS, ADMIN_SCRIPTS = 30, 70_000  # Django's admin: jQuery and select2, file by file; its whole as ours
HTML, SCRIPTS, STYLES, PICTURE = 30_000, 60_000, 35_000, 20_000
HEADERS = 500  # of one answer, on the safe side
FAVICON = "icons/favicon.svg"  # a window would fetch it; Chromium without a window does not

AXE = """(only) => axe.run({
    preload: false,
    resultTypes: ["violations"],
    rules: only ? {} : {"target-size": {enabled: true}},
    ...(only ? {runOnly: only} : {}),
}).then((found) => found.violations.map((rule) => `${rule.id} (${rule.impact}): ${rule.nodes[0].html.slice(0, 200)}`))"""
COLOURS = ["color-contrast", "link-in-text-block"]  # what another look can change

PROBE = r"""() => {
  const found = [];
  const say = (what, one) => found.push(`${what}: ${one.outerHTML.replace(/\s+/g, " ").slice(0, 140)}`);
  const headings = document.querySelectorAll("h1");
  if (headings.length !== 1) found.push(`${headings.length} h1`);
  if (document.documentElement.lang !== "id") found.push(`lang=${document.documentElement.lang}`);
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push(`id twice: ${id}`);
  for (const one of document.querySelectorAll("label, legend"))
    if (/\*/.test(one.textContent)) say("asterisk", one);

  const shown = (one) => {
    const box = one.getBoundingClientRect();
    return one.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.height > 1
      && box.bottom > 0 && box.right > 0 && !one.closest(".visually-hidden, .k-skip");
  };
  const inSentence = (one) => getComputedStyle(one).display === "inline"
    && one.parentElement.textContent.trim().length > one.textContent.trim().length + 1;
  const isPick = (one) => one.matches("input[type=checkbox], input[type=radio]");
  const boxOf = (one) => {
    const boxes = [one, ...(isPick(one) ? one.labels : [])].map((each) => each.getBoundingClientRect());
    return {
      width: Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left)),
      height: Math.max(...boxes.map((box) => box.bottom)) - Math.min(...boxes.map((box) => box.top)),
    };
  };
  const targets = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const acts = ".btn, .k-chip, .k-icon, .k-nav a, .k-act a, .k-act button";
  const isAdmin = document.body.classList.contains("k-admin") || location.pathname.startsWith("/kelola/");
  for (const one of document.querySelectorAll(targets)) {
    if (!shown(one) && !(isPick(one) && [...one.labels].some(shown))) continue;
    const box = boxOf(one);
    const size = `${Math.round(box.width)}x${Math.round(box.height)}`;
    const isField = one.matches("input:not([type=checkbox], [type=radio], [type=submit], [type=button]), select, textarea");
    const large = !isAdmin && (one.matches(acts) || isField);
    if (large && (box.height < 43.5 || box.width < 43.5)) say(`act under 44 px, ${size}`, one);
    else if ((box.height < 23.5 || box.width < 23.5) && !inSentence(one) && !one.matches(".toggle")) say(`target under 24 px, ${size}`, one);
    if (isField && parseFloat(getComputedStyle(one).fontSize) < 16) say("letters under 16 px", one);
  }
  return found;
}"""

FITS = "document.documentElement.scrollWidth <= window.innerWidth"
SETTLE = "document.getAnimations().forEach((one) => one.finish())"
UNFOLD = "document.querySelectorAll('main details').forEach((one) => (one.open = true))"


#: Two addresses of the same thing: the quick log as the phone keeps it, and the home of a leader.
SAME_TITLE = [{"cases:quick-log", "cases:quick-log-shell"}, {"cases:home", "cases:figures"}]


@dataclass
class Scene:
    """A running case with everything on it, a free and an ended one beside it, and somebody signed in for every role."""

    things: dict[str, dict] = field(default_factory=dict)
    keys: dict[str, str | None] = field(default_factory=dict)  # of the sessions

    def path(self, page: Page) -> str:
        return reverse(page.name, kwargs=self.things[page.thing]) + page.query


def session_of(user) -> str:
    """The key of a fresh session, by the password."""
    client = Client()
    answer = client.post("/akun/masuk/", {"login": user.username, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def scene(world):
    by = world.relawan
    case = _running_case(world)
    free = make_case(desk=world.desk, by=world.koordinator, title="Kartu BPJS mati", patient="Bambang Irawan")
    ended = make_case(desk=world.desk, by=by, assignee=by, title="Kartu aktif lagi", patient="Endang Susilowati")
    closing.close(case=ended, outcome=Outcome.objects.get(code="discretion"), by=by)
    offered = make_case(desk=world.desk, by=by, assignee=by, title="Obat kemo kosong", patient="Wawan Setiadi")
    spare = make_case(desk=world.desk, by=by, assignee=by, title="Obat kemo kosong", patient="Hendra Gunawan")
    offer = carrying.offer(case=offered, to=world.relawan2, next_step="Telepon apotek", by=by)
    for number in range(3):
        data = {"number": case.number}
        messages.post(recipient=by, kind="assigned", key=f"m{number}", data=data, path=f"/kasus/{case.uuid}/")
    newcomer = make_user("pendatang", role=Role.ADVOCATE, at=world.desk, full_name="Nur Aini", pledged=False)
    pledged = make_user("baru", role=Role.ADVOCATE, at=world.other_desk, full_name="Lukman Hakim")
    _invitation, token = invitations.invite(email="tamu@example.org", organisation=world.desk, by=world.superuser)
    subject, text = letters.draft(case, "complaint", office="Dinas Kesehatan Kab. Sidoarjo")
    letter = letters.write(
        case=case, kind="complaint", office="Dinas Kesehatan Kab. Sidoarjo", subject=subject, text=text, by=by
    )
    scene = Scene()
    scene.keys = {
        "guest": None,
        "relawan": session_of(by),
        "relawan2": session_of(world.relawan2),
        "koordinator": session_of(world.koordinator),
        "pimpinan": session_of(world.pimpinan),
        "superuser": session_of(world.superuser),
        "newcomer": session_of(newcomer),
        "newcomer after the pledge": session_of(pledged),
    }
    TOTP.activate(world.koordinator, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(world.koordinator)
    key = WebAuthn.add(world.koordinator, "HP saya", _passkey()).instance
    scene.keys["half"] = session_of(world.koordinator)
    batch = uuid4()
    HandOver.objects.filter(case=case, to_user=world.relawan2).update(batch=batch)
    once = make_case(desk=world.desk, by=world.relawan2, assignee=world.relawan2, title="Surat rujukan balik")
    facts.tell(case=once, type=EventType.objects.get(code="note"), by=world.relawan2, text="Surat sudah diantar")
    carrying.assign(case=once, to=world.koordinator, by=world.koordinator)
    scene.things = {
        "batch": {"batch": batch},
        "once": {"uuid": once.uuid},
        "view": {
            "uuid": SavedView.objects.create(
                owner=world.relawan, name="Darurat", query="lihat=darurat", created_at=timezone.now()
            ).uuid
        },
        "": {},
        "import": {"uuid": build_import(world).uuid},
        **build_printouts(world, case),
        **build_training(world),
        **build_registers(world),
        "case": {"uuid": case.uuid},
        "free": {"uuid": free.uuid},
        "ended": {"uuid": ended.uuid},
        "spare": {"uuid": spare.uuid},
        "offer": {"uuid": offer.uuid},
        "case+note": {"uuid": case.uuid, "code": "note"},
        "case+died": {"uuid": case.uuid, "code": "died"},
        "event": {"uuid": case.events.filter(type__code="called").first().uuid},
        "plan": {"uuid": case.follow_ups.open().first().uuid},
        "clock": {"uuid": case.clocks.first().uuid},
        "letter": {"uuid": letter.uuid},
        "promise": {"uuid": case.commitments.get(state="open").uuid},
        "demand": {"uuid": case.commitments.get(state="asked").uuid},
        "party": {"uuid": case.parties.get(role="reporter").uuid},
        "need": {"uuid": case.casepapers.first().uuid},
        "partner": {"uuid": case.casepartners.first().uuid},
        "key": {"pk": key.pk},
        "reset": {"uidb36": user_pk_to_url_str(by), "key": default_token_generator.make_token(by)},
        "address": {"token": accounts.email_token(user=by, email="baru@example.org")},
        "invitation": {"token": token},
        "invitation that is over": {"token": "tidak-pernah-diberikan"},
        "playbook": {"code": Playbook.objects.values_list("code", flat=True).first()},
        "organisation": {"object_id": world.desk.pk},
        "unit": {"uuid": world.desk.uuid},
        "body": {"uuid": world.place.uuid},
        "person": {"uuid": _member(world).uuid},
        "app": {"app_label": "members"},
    }
    return scene


def _member(world) -> Person:
    """A member of the desk whose payments run out soon, a count, and a proposed fix."""
    today = timezone.localdate()
    person = Person.objects.create(full_name="Sri Wahyuni")
    people.join(person=person, organisation=world.desk, by=world.koordinator, number="KTA-1")
    people.note_work(person=person, kind="informal", job="Nelayan")
    given = {"programme": "JKK", "segment": "BPU", "paid_until": today + timedelta(days=3), "agent": "Perisai Ani"}
    people.note_cover(person=person, by=world.koordinator, **given)
    for workers in (40, 60):
        counts = {"programme": "JKN", "workers": workers, "registered": 30, "counted_on": today, "source": "PUK"}
        people.survey(by=world.koordinator, employer=world.place, **counts)
    directory.propose(body=world.place, values={"phone": "021 500"}, why="papan nama", by=world.relawan)
    return person


def _passkey() -> dict:
    """What a phone answers when it makes a passkey."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    data = AttestedCredentialData.create(Aaguid(bytes(16)), b"kunci", public)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    seen = AttestationObject.create("none", AuthenticatorData.create(bytes(32), flags, 0, data), {})
    told = b'{"type":"webauthn.create","challenge":"","origin":"http://localhost"}'
    return {
        "id": websafe_encode(b"kunci"),
        "rawId": websafe_encode(b"kunci"),
        "type": "public-key",
        "response": {"clientDataJSON": websafe_encode(told), "attestationObject": websafe_encode(bytes(seen))},
        "clientExtensionResults": {"credProps": {"rk": True}},
    }


def _running_case(world) -> Case:
    now, by = timezone.now(), world.relawan
    case = make_case(
        desk=world.desk,
        by=by,
        assignee=by,
        place=world.place,
        place_note="IGD lantai 1",
        urgency="emergency",
        title="IGD meminta uang muka, kartu dikira nonaktif",
        phone="0812 3456 7890",
        now=now - timedelta(days=2),
    )
    parties.keep_number(case.parties.get().person, NumberKind.NIK, "3171016403920011")
    parties.add(case=case, role=PartyRole.REPORTER, by=by, full_name="Yusuf Aditya", phone="081200004417", silent=True)

    def tell(code, text, hours, **given):
        at = now - timedelta(hours=hours)
        return facts.tell(case=case, type=EventType.objects.get(code=code), by=by, text=text, at=at, **given)

    first = tell("asked_payment", "Loket meminta deposit Rp3.000.000.", 30)
    tell("asked_payment", "Depositnya Rp2.000.000.", 30, corrects=first)
    tell("called", "Saturasi 88, dipasang oksigen.", 3, counterpart="dokter jaga")
    for text, source in (("Datang 21.26.", "Adik pasien"), ("Tercatat 22.05.", "Loket IGD")):
        claims.add(case=case, topic="Jam tiba", text=text, source=source, by=by)
    fresh = Case.objects.get(pk=case.pk)
    editing.edit(case=fresh, changes={"story": "Sudah di kasur IGD."}, version=fresh.version, by=world.koordinator)
    for title, hours in (("Minta hasil triase secara tertulis", 1.5), ("Antar kartu keluarga", 30)):
        follow_ups.schedule(case=case, title=title, due_at=now + timedelta(hours=hours), owner=by, by=by)
    clocks.start_by_hand(case=case, rule=Rule.objects.get(code="K02"), by=by, started_at=now - timedelta(hours=3))
    proof = attachments.add(case=case, upload=upload(phone_photo()), by=by, title="Kartu keluarga")
    for kind, amount in (("bill", 7_369_000), ("deposit_paid", 3_500_000), ("donation_in", 12_300_000)):
        line = money.add(case=case, kind=kind, amount=amount, by=by, payer="Keluarga", note="rawat inap", proof=proof)
    money.take_back(line=line, by=by)
    for days, number in ((20, 12), (9, 31), (1, 44)):
        on = timezone.localdate() - timedelta(days=days)
        counts.add(case=case, what="sick", number=number, source="PUK", on_date=on, by=by)
    counts.add(case=case, what="sick", number=20, source="HRD", by=by)
    partners.add(case=case, body=world.place, task="biaya ambulans", contact="Ibu Wati", state="asked", by=by)
    for code in ("no_bed", "er_refusal"):
        papers.start(case=case, checklist=Checklist.objects.get(code=code), by=by)
    for answer in ("full", "waiting"):
        attempts.ask(case=case, body=world.place, answer=answer, bed_class="icu", reason="Antre dua", by=by)
    terms = Terms("date", due_at=now + timedelta(hours=20))
    commitments.promise(case=case, text="Kamar kelas tiga malam ini", body=world.place, terms=terms, by=by)
    commitments.demand(case=case, text="Uang muka dikembalikan", body=world.place, said_at=now, by=by)
    carrying.offer(case=case, to=world.relawan2, next_step="Telepon keluarga", by=by)
    return Case.objects.get(pk=case.pk)


# --- One look at one page ---


@cache
def packed(path: str) -> int:
    """What a file of /static/ weighs as production sends it."""
    data = Path(finders.find(path)).read_bytes()
    return len(data) if path.endswith((".png", ".webp", ".ico")) else min(len(data), len(gzip.compress(data, 6)))


class Eye:
    """A page of Chromium that keeps what it fetched and what went wrong."""

    def __init__(self, chromium, live_server, key=None, **given):
        self.home = live_server.url
        self.context = chromium.new_context(
            viewport=PHONE,
            base_url=self.home,
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            has_touch=True,
            reduced_motion="reduce",
            service_workers="block",
            **given,
        )
        if key:
            self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": self.home}])
        self.page = self.context.new_page()
        devtools = self.context.new_cdp_session(self.page)
        devtools.send("Network.enable")
        devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})  # every load is a first one
        self.answers, self.wrong = [], []
        self.page.on("response", lambda answer: self.answers.append(answer))
        self.page.on("request", self._asked)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("console", self._said)

    def _asked(self, request):
        if not request.url.startswith((self.home + "/", "blob:")):
            self.wrong.append(f"asks a stranger: {request.url}")

    def _said(self, message):
        if "Content Security Policy" in message.text:
            self.wrong.append(message.text)

    def close(self):
        self.context.close()

    def open(self, path: str) -> list[str]:
        self.answers.clear()
        self.wrong.clear()
        answer = self.page.goto(path)
        found = [] if answer.status in (200, 404) else [f"answers {answer.status}"]
        if (landed := urlsplit(self.page.url).path) != urlsplit(path).path and not landed.endswith("-set-password/"):
            found.append(f"leads on to {landed}")
        return found

    def look(self) -> list[str]:
        """Everything that is wrong with the page as it stands now, in both looks and three widths."""
        page = self.page
        page.evaluate(UNFOLD)
        found = page.evaluate(PROBE)
        page.evaluate(AXE_SCRIPT)
        found += [f"axe: {one}" for one in page.evaluate(AXE, None)]
        page.emulate_media(color_scheme="dark")
        page.evaluate(SETTLE)  # Django's admin fades its colours
        found += [f"axe, dark: {one}" for one in page.evaluate(AXE, COLOURS)]
        page.emulate_media(color_scheme="light")
        page.evaluate(SETTLE)
        for size in (PHONE, NARROW, LAPTOP):
            page.set_viewport_size(size)
            if not page.evaluate(FITS):
                found.append(f"scrolls sideways at {size['width']} px")
        found += [f"axe, laptop: {one}" for one in page.evaluate(AXE, None)]
        page.set_viewport_size(PHONE)
        return found + self.wrong

    def weigh(self) -> list[str]:
        """What of this load is over its budget. The HTML comes packed; files weigh what whitenoise would send."""
        loads: dict[str, int] = {"html": 0, "js": 0, "css": 0}
        first, again, asked_again, asked = HEADERS + packed(FAVICON), 0, 0, 1
        for answer in self.answers:
            url = urlsplit(answer.url)
            if url.scheme == "blob" or url.path == f"{settings.STATIC_URL}{FAVICON}":
                continue
            is_file = url.path.startswith(settings.STATIC_URL)
            if is_file:
                weight = packed(url.path.removeprefix(settings.STATIC_URL))
            else:
                weight = answer.request.sizes()["responseBodySize"]
            first, asked = first + weight + HEADERS, asked + 1
            if not is_file:  # files carry a hash in their name and are never asked for again
                again, asked_again = again + weight + HEADERS, asked_again + 1
            kind = (
                url.path.rpartition(".")[2] if is_file else ("html" if answer.request.is_navigation_request() else "")
            )
            if kind in loads:
                loads[kind] += weight
            elif answer.headers.get("content-type", "").startswith("image/webp") and weight > PICTURE:
                self.wrong.append(f"a picture of {weight} B")
        is_admin = "/kelola/" in self.page.url
        budgets = [
            ("first load", first, FIRST_LOAD),
            ("requests", asked, ADMIN_REQUESTS if is_admin else FIRST_REQUESTS),
            ("repeat load", again, AGAIN),
            ("requests again", asked_again + 1, AGAIN_REQUESTS),  # and whether sw.js has changed
            ("HTML", loads["html"], HTML),
            ("JS", loads["js"], ADMIN_SCRIPTS if is_admin else SCRIPTS),
            ("CSS", loads["css"], STYLES),
        ]
        self.weights = {what: weight for what, weight, _most in budgets}
        return [f"{what} {weight}, at most {most}" for what, weight, most in budgets if weight > most]


# --- The list is whole ---


def test_every_address_is_a_page_of_the_list_or_known_to_be_none():
    listed = {page.name for page in PAGES}
    unknown = sorted(
        name for name in every_url() if name not in listed and not any(fnmatch(name, none) for none in NO_PAGES)
    )
    assert not unknown, (
        f"add these to PAGES in tests/browser/pages.py (or say in NO_PAGES why they are none): {unknown}"
    )
    gone = sorted(listed - set(every_url()))
    assert not gone, f"tests/browser/pages.py names addresses that are gone: {gone}"
    vain = sorted(none for none in NO_PAGES if not any(fnmatch(name, none) for name in every_url()))
    assert not vain, f"NO_PAGES names addresses that are gone: {vain}"


# --- Walks ---


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_every_page(chromium, live_server, scene):
    """Axe, room, targets, words, strangers, the CSP and weight of every page; titles that are their own and name nobody."""
    found: dict[str, list[str]] = {}
    titles: dict[str, set[str]] = {}
    for who, key in scene.keys.items():
        eye = Eye(chromium, live_server, key)
        for page in [page for page in PAGES if page.who == who]:
            wrong = eye.open(scene.path(page))
            wrong += eye.look()
            wrong += eye.weigh()
            titles.setdefault(eye.page.title(), set()).add(page.name)
            if wrong:
                found[str(page)] = wrong
        eye.close()
    names = {word for user in User.objects.all() for word in user.full_name.split()}
    names |= {
        word for case in Case.objects.all() for one in case.parties.all() for word in one.person.full_name.split()
    }
    for title, pages in titles.items():
        if len(pages) > 1 and pages not in SAME_TITLE:
            found[f"title “{title}”"] = [f"of {len(pages)} pages: {sorted(pages)}"]
        if said := names & set(re.findall(r"\w+", title)):
            found[f"title “{title}”"] = [f"names {said}"]
    assert not found, "\n".join(["", *(f"{page}\n    " + "\n    ".join(wrong) for page, wrong in found.items())])


#: Form → what is filled in wrongly; then the form is sent.
MISTAKES = {
    Page("account_login", "guest"): {"[name=login]": "tidak.ada", "[name=password]": "salah sama sekali"},
    Page("account_change_password"): {},
    Page("members:profile"): {"[name=full_name]": ""},
    Page("cases:quick-log"): {},
    Page("cases:event-add", "relawan", "case+note"): {},
    Page("cases:follow-up-add", "relawan", "case"): {},
    Page("cases:handover-offer", "relawan", "spare"): {"[name=next_step]": ""},
    Page("cases:close", "relawan", "case"): {},
    Page("cases:people", "relawan", "case"): {},
    Page("cases:party-edit", "relawan", "party"): {"[type=tel]": "tanya ibunya"},
    Page("cases:clock-add", "relawan", "case"): {},
    Page("cases:attempts", "relawan", "case"): {},
    Page("cases:case-cover", "relawan", "case"): {},
}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_every_form_with_a_mistake(chromium, live_server, scene):
    found = {}
    for who, key in scene.keys.items():
        eye = Eye(chromium, live_server, key)
        for page, given in [(page, given) for page, given in MISTAKES.items() if page.who == who]:
            wrong = eye.open(scene.path(page))
            for selector, value in given.items():
                eye.page.locator(f"main {selector}").first.fill(value)
            eye.page.evaluate(UNFOLD)
            send = eye.page.locator(
                "main form[method=post] :is(button, [type=submit]):is(.btn-primary, .btn-stop):visible"
            )
            assert send.count(), f"{page} has no form to send: {eye.page.url}"
            send.first.click()
            expect(eye.page.locator("#galat"), f"{page} says nothing of the mistake").to_be_focused()
            if not eye.page.title().startswith("Periksa lagi:"):
                wrong.append(f"the title is “{eye.page.title()}”")
            if wrong := wrong + eye.look():
                found[str(page)] = wrong
        eye.close()
    assert not found, "\n".join(["", *(f"{page}\n    " + "\n    ".join(wrong) for page, wrong in found.items())])


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_way_through_without_a_script(chromium, live_server, case, world):
    """Sign in, log a case, write an event, find it again and read the list: all of it with JavaScript switched off."""
    eye = Eye(chromium, live_server, java_script_enabled=False)
    page = eye.page
    page.goto("/kasus/")
    page.get_by_label("Nama pengguna atau e-mail").fill(world.relawan.username)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.wait_for_url("**/kasus/")
    page.get_by_role("link", name=re.compile(case.title)).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(case.title)
    page.goto(f"/kasus/{case.uuid}/kejadian/note/")
    page.locator("[name=text]").fill("Petugas loket minta menunggu dokter jaga")
    page.locator("main form [type=submit].btn-primary").first.click()
    expect(page.get_by_text("Petugas loket minta menunggu dokter jaga").first).to_be_visible()
    page.locator(".k-icon", has_text="Cari").click()
    page.locator("main [name=q]").fill("uang muka")
    page.locator("main [name=q]").press("Enter")
    expect(page.get_by_role("link", name=re.compile(case.title)).first).to_be_visible()
    page.goto("/")
    page.locator(".k-nav .k-log").click()
    page.get_by_label("Apa yang terjadi?").fill("Apotek bilang obat kemo kosong sampai minggu depan")
    page.get_by_role("button", name="Simpan kasus").click()
    page.wait_for_url("**/tersimpan/")
    number = page.get_by_role("heading", level=1).inner_text()
    page.goto("/kasus/")
    expect(page.get_by_text(number).first).to_be_visible()
    assert eye.wrong == []
    eye.close()


# --- What the worker keeps ---


@pytest.mark.django_db
def test_the_worker_of_the_first_visit_stays_in_the_budget(client):
    """Besides its page the first visit fetches what the quick log needs without signal."""
    pages = [
        client.get(reverse(name)).content for name in ("cases:quick-log-shell", "cases:offline", "cases:service-worker")
    ]
    kept = sum(packed(path) + HEADERS for path in KEPT) + sum(len(gzip.compress(page, 6)) + HEADERS for page in pages)
    assert kept <= FIRST_LOAD - HTML, kept
