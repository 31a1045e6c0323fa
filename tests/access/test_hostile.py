"""Everything a hostile or broken client may send: no page breaks, nothing lives in an answer, nothing leaks (TRUST R23–R35).

The forms are found on the pages themselves, so a new form is tried from its first day. A run tries a part of the pairs
of field and value, in an order that changes with nothing but the table; `KAWAL_FUZZ=20` tries twenty times as many.
"""

import itertools
import logging
import os
import re
import time
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import quote_from_bytes, urlencode, urlsplit
from uuid import uuid4

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from django.utils import timezone

from cases.models import Attachment, Case, CaseParty, Claim, Event, FollowUp, HandOver
from cases.rules.codes import EventCode
from cases.services import duplicates, follow_ups, intake
from members.models import Message, User
from tests.access.visitors import build, every_url
from tests.cases.test_concurrency import at_once
from tests.factories import PASSWORD, make_case

pytestmark = pytest.mark.django_db

TIMES = int(os.environ.get("KAWAL_FUZZ") or 1)
SLOWEST = 5.0
#: Persons planted in the scene; nothing but a page that opens names may ever say them.
PLANTED = ("Siti Rahmawati", "3515014107900001", "81287654321")
MARK = "hidup"

#: What is sent: bytes go out as they are, so that broken UTF-8 stays broken.
VALUES: dict[str, str | bytes] = {
    "nul": "a\x00b",
    "only nul": "\x00",
    "broken utf-8": b"\xff\xfe\xc3(",
    "overlong utf-8": b"\xc0\xaf..\xc0\xaf",
    "lone surrogate": b"\xed\xa0\xbd",
    "400 letters": "x" * 400,
    "100k letters": "y" * 100_000,
    "100k brackets": "[" * 100_000,
    "100k digits": "9" * 100_000,
    "100k spaces": " " * 100_000 + "x",
    "script": f"<script>{MARK}(1)</script>",
    "broken out": f'"><img src=x onerror={MARK}(2)>',
    "single quoted": f"' onmouseover={MARK}(3) x='",
    "svg": f"</textarea></title></script><svg/onload={MARK}(4)>",
    "javascript": f"javascript:{MARK}(5)",
    "comment": f"--><iframe srcdoc='<script>{MARK}(6)</script>'>",
    "template braces": "{{7777*7}}",
    "template tag": "{% load static %}{% debug %}",
    "format": "%(x)s %s %n {0} {x.__class__} ${7777*7}",
    "formula": '=HYPERLINK("http://evil.example/","x")',
    "formula at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "path": "../../../../etc/passwd",
    "windows path": "..\\..\\windows\\win.ini",
    "sql": "x' OR '1'='1'; DROP TABLE cases_case;--",
    "sql like": "%_\\%'\"`",
    "bcc": "a@example.org\r\nBcc: korban@evil.example\r\n\r\nhalo",
    "header": "x\r\nSet-Cookie: sesi=1\r\nLocation: http://evil.example/",
    "rtl": "\u202egnp.exe\u2066x\u2069",
    "emoji": "👩🏽‍⚕️🧑‍🤝‍🧑 🏥",
    "zalgo": "Z" + "\u0301\u0316" * 200,
    "arabic digits": "٣٥١٥٠١٤١٠٧٩٠٠٠٠١",
    "superscript": "²³½",
    "NaN": "NaN",
    "infinity": "-Infinity",
    "minus": "-1",
    "huge": "1" + "0" * 30,
    "big integer": str(2**63),
    "exponent": "1e400",
    "no such day": "31/02/1990",
    "no such leap day": "29-02-2027",
    "zero day": "0000-00-00",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "far past": "01-01-1000",
    "late hour": "25:61",
    "json": '{"__proto__": {"x": ["\\ud800", NaN]}, "seen": 1}',
    "unknown code": "tidak-ada",
    "uuid of nobody": "00000000-0000-0000-0000-000000000000",
    "foreign address": "//evil.example/\\@x",
}
#: What no form asks for and nobody may set.
EXTRA = {
    "owner": "1",
    "assignee": "1",
    "assignee_id": "1",
    "logged_by": "1",
    "desk_id": "1",
    "status": "closed",
    "state": "done",
    "version": "999",
    "number": "KWL-26-00001",
    "is_staff": "on",
    "is_superuser": "on",
    "is_active": "",
    "is_restricted": "on",
    "is_verified": "on",
    "created_at": "2001-01-01",
    "pk": "1",
    "id": "1",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "username": "sistem",
    "role": "system_admin",
    "pledge_version": "0",
}
#: Names that pages read from the address.
QUERY = [
    "next",
    "halaman",
    "page",
    "p",
    "o",
    "q",
    "lihat",
    "posko",
    "urgensi",
    "masalah",
    "relawan",
    "urut",
    "sebelum",
    "sistem",
    "pokok",
    "jenis",
    "orang",
    "ke",
    "panduan",
    "aturan",
    "peran",
    "tema",
    "salah",
    "segmen",
    "keadaan",
    "bantu",
    "wilayah",
    "tanggal",
    "biaya",
    "bulan",
    "aktif",
    "masuk",
    "iuran",
    "nilai",
    "lengkap",
    "dibayar",
    "e",
    "topik",
    "tahap",
    "_popup",
    "_to_field",
    "is_active__exact",
    "kind__code",
]
#: What stands for the part of an address that names a row.
THINGS = {
    "kasus": "case",
    "kejadian": "event",
    "tindak-lanjut": "plan",
    "serah-terima": "offer",
    "orang": "party",
    "berkas": "paper",
    "kabar": "message",
    "tenggat": "clock",
    "uang": "money",
    "berkas-perlu": "need",
    "surat": "letter",
    "mitra": "partner",
    "impor": "import",
    "acara": "gathering",
    "modul": "module",
    "relawan": "volunteer",
    "kartu-relawan": "card",
    "sertifikat": "certificate",
}
#: Filled into empty fields, so that only the hostile one is wrong.
FILLING = {
    "story": "IGD meminta uang muka, keluarga menunggu sejak magrib.",
    "text": "Loket minta menunggu.",
    "title": "Telepon IGD",
    "note": "Sudah ditelepon.",
    "reason": "Pindah sif.",
    "next_step": "Telepon keluarga",
    "topic": "Biaya",
    "source": "kasir",
    "full_name": "Budi Santoso",
    "amount": "1,5 jt",
    "name": "Surat RT",
    "number": "244",
    "biaya": "5 jt",
    "iuran": "42rb",
    "nilai": "10 jt",
    "bulan": "4",
    "orang": "3",
    "aktif": "01-10-2026",
    "masuk": "10-10-2026",
    "lengkap": "01-09-2026",
    "email": "baru@example.org",
    "q": "uang",
}


# --- Reading pages --------------------------------------------------------------------------------------------------------


@dataclass
class FoundForm:
    """A form as a page shows it."""

    page: str
    method: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    @property
    def key(self):
        shape = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "#", self.action)
        return self.method, shape, tuple(sorted({*self.fields, *self.files}))


class Page(HTMLParser):
    """The forms of a page, its title, and whatever in it would run."""

    def __init__(self, address: str, text: str):
        super().__init__(convert_charrefs=True)
        self.address, self.forms, self.alive, self.title = address, [], [], ""
        self._form = self._select = self._textarea = None
        self._inside: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        self._inside = [tag] if tag in {"script", "title", "style"} else []
        for name, value in given.items():
            if name.startswith("on") or name in {"srcdoc", "style"}:
                self.alive.append(f"<{tag} {name}={value[:40]}>")
            if name in {"href", "src", "action", "formaction", "data"} and re.match(
                r"\s*(?:javascript|data|vbscript):|//evil|https?://evil", value, re.IGNORECASE
            ):
                self.alive.append(f"<{tag} {name}={value[:40]}>")
        is_inline = tag == "script" and not given.get("src") and given.get("type") != "application/json"
        if is_inline or tag in {"iframe", "object", "embed", "base"}:
            self.alive.append(f"<{tag}>")
        self._read_form(tag, given)

    def _read_form(self, tag, given):
        if tag == "form":
            target = given.get("action") or self.address
            target = target if target.startswith("/") else self.address.partition("?")[0] + target
            self._form = FoundForm(self.address, given.get("method", "get").lower(), target)
            self.forms.append(self._form)
        form, name = self._form, given.get("name")
        if tag == "option" and self._select is not None and form and given.get("value"):
            form.fields[self._select] = [
                given["value"] if "selected" in given else form.fields[self._select][0] or given["value"]
            ]
        if form is None or not name:
            return
        if tag == "select":
            self._select = name
            form.fields.setdefault(name, [""])
        elif tag == "textarea":
            self._textarea = name
            form.fields[name] = [""]
        elif tag == "input" and given.get("type") == "file":
            form.files.append(name)
        elif tag == "input" and given.get("type") == "checkbox":
            form.fields.setdefault(name, []).extend([given.get("value", "on")] if "checked" in given else [])
        elif tag == "input" and given.get("type") == "radio":
            known = form.fields.setdefault(name, [])
            if "checked" in given or not known:
                form.fields[name] = [given.get("value", "on")]
        elif tag in {"input", "button"}:
            form.fields.setdefault(name, [given.get("value", "")])

    def handle_endtag(self, tag):
        self._inside = []
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data):
        if self._inside == ["title"]:
            self.title += data
        if self._inside == ["script"] and MARK in data:
            self.alive.append(f"script: {data[:60]}")
        if self._textarea and self._form:
            self._form.fields[self._textarea][0] += data


def filled(form: FoundForm) -> dict[str, list]:
    """The form as a friendly person would send it."""
    sent = {name: list(values) for name, values in form.fields.items() if name != "csrfmiddlewaretoken"}
    for name, values in sent.items():
        if values == [""]:
            sent[name] = [FILLING.get(name, "")]
    return sent


# --- Asking ---------------------------------------------------------------------------------------------------------------


class Prober:
    """Asks, takes every effect back, and writes down what should not have happened."""

    def __init__(self, client: Client, who: str):
        self.client, self.who, self.wrong, self.asked, self.slowest = client, who, [], 0, 0.0

    def ask(self, method: str, address: str, *, body=None, content_type="", what="", keep=False, **extra):
        """One request in a transaction of its own; the answer, or None where the view broke."""
        cache.clear()
        cookies = self.client.cookies.copy()
        response = None
        with transaction.atomic():
            before = Counts()
            started = time.monotonic()
            try:
                response = self.client.generic(
                    method, address, body or b"", content_type or "application/octet-stream", **extra
                )
                spent = time.monotonic() - started
                self.judge(response, address, what, spent)
                before.judge(self, f"{method} {address} {what}")
            except Exception as error:  # the view broke: that is what we look for
                self.note(f"{method} {address} {what}: {type(error).__name__}: {str(error)[:160]}")
            finally:
                if not keep:
                    transaction.set_rollback(True)
        self.client.cookies = cookies
        self.asked += 1
        return response

    def note(self, text: str) -> None:
        self.wrong.append(f"{self.who}: {text}")

    def judge(self, response, address, what, spent):
        said = f"{address} {what}"
        self.slowest = max(self.slowest, spent)
        if spent > SLOWEST:
            self.note(f"{said}: {spent:.1f} s")
        if response.status_code >= 500 and not address.startswith("/readyz"):  # no beat runs here
            self.note(f"{said}: {response.status_code}")
        location = response.headers.get("Location", "")
        host = urlsplit(location).netloc
        if host not in {"", "testserver"} or location.startswith(("//", "/\\", "javascript")):
            self.note(f"{said}: leads away to {location[:80]}")
        if "\r" in location or "\n" in location or any(one in location for one in PLANTED):
            self.note(f"{said}: Location {location[:80]}")
        if response.streaming:
            response.getvalue()
            return
        kind = response.headers.get("Content-Type", "")
        if kind.startswith("text/html"):
            text = response.text
            page = Page(address, text)
            for alive in page.alive:
                self.note(f"{said}: alive {alive}")
            if any(one in page.title for one in PLANTED):
                self.note(f"{said}: title {page.title}")
            if "54439" in text:
                self.note(f"{said}: a template was run")
            if response.status_code >= 400 and re.search(r"Traceback|Exception|/site-packages/", text):
                self.note(f"{said}: debug text")

    def send(self, form: FoundForm, sent: dict[str, list], what: str, **extra):
        pairs = [(name, value) for name, values in sent.items() for value in values]
        body = urlencode(pairs, errors="surrogatepass")
        if form.method == "get":
            address = form.action.partition("?")[0].partition("#")[0]
            return self.ask("GET", f"{address}?{body}", what=what, **extra)
        return self.ask(
            "POST",
            form.action.partition("#")[0],
            body=body,
            content_type="application/x-www-form-urlencoded",
            what=what,
            **extra,
        )


class Counts:
    """One case at most, and a whole one; nobody new, nobody promoted."""

    def __init__(self):
        self.cases = set(Case.objects.values_list("pk", flat=True))
        self.powers = set(User.objects.filter(is_superuser=True).values_list("pk", flat=True))

    def judge(self, prober: Prober, said: str) -> None:
        new = set(Case.objects.values_list("pk", flat=True)) - self.cases
        if len(new) > 1:
            prober.note(f"{said}: {len(new)} cases")
        for case in Case.objects.filter(pk__in=new):
            whole = (
                case.number
                and case.desk_id
                and case.next_due_at
                and case.follow_ups.exists()
                and case.events.filter(type__code=EventCode.OPENED).count() == 1
            )
            is_odd = case.is_restricted != bool(case.restriction) or case.assignee not in {None, case.logged_by}
            if not whole or is_odd:
                prober.note(f"{said}: half a case")
        if set(User.objects.filter(is_superuser=True).values_list("pk", flat=True)) != self.powers:
            prober.note(f"{said}: system admins changed")
        for row in Message.objects.order_by("-pk")[:5]:
            if any(one in f"{row.data} {row.path}" for one in PLANTED):
                prober.note(f"{said}: a person in a message")


@pytest.fixture
def scene(world):
    scene = build(world)
    party = CaseParty.objects.get(uuid=scene.things["party"]["uuid"])
    party.person.contacts.create(value="+6281287654321", value_hash="h")
    scene.world = world
    return scene


@pytest.fixture(autouse=True)
def nobody_in_the_logs(caplog):
    """No line of any test here names a planted person."""
    caplog.set_level(logging.INFO)
    yield
    text = "\n".join(record.getMessage() + str(record.exc_text or "") for record in caplog.records)
    assert not [one for one in PLANTED if one in text]


def addresses(scene) -> dict[str, str]:
    """Every page that can be reached, by name; rows are those of the scene."""
    found = {}
    for name, route in every_url().items():
        first = route.partition("/")[0]
        things = scene.things.get(THINGS.get(first, ""), {})
        if name in {"cases:event-add"}:
            things = {**things, "code": "note"}
        elif name in {"cases:reveal-number"}:
            things = scene.things["number"]
        elif name == "cases:playbook":
            things = scene.things["playbook"]
        elif name in {"members:check-in", "members:feedback"}:
            things = scene.things["gathering+secret"]
        elif "<" in route and not things:
            things = scene.things["token"] if "token" in route else {}
        try:
            found[name] = reverse(name, kwargs=things)
        except Exception:  # noqa: S112 (admin rows and clocks are reached from the lists)
            continue
    for name in ("organisation", "user", "invitation", "body"):
        found[f"admin:members_{name}_change"] = reverse(
            f"admin:members_{name}_change", args=[scene.things["rows"][name]]
        )
    return found


def forms_of(prober: Prober, scene) -> list[FoundForm]:
    """Every form that this visitor is shown anywhere, each shape once."""
    found: dict = {}
    for name, address in addresses(scene).items():
        if name in {"account_logout", "admin:logout"}:
            continue
        response = prober.ask("GET", address)
        if response is None or response.status_code != 200 or response.streaming:
            continue
        if response.headers.get("Content-Type", "").startswith("text/html"):
            for form in Page(address, response.text).forms:
                if form.method in {"get", "post"} and not form.action.startswith("http"):
                    found.setdefault(form.key, form)
    return list(found.values())


def shots(form: FoundForm, offset: int, most: int):
    """Pairs of a field and a value; all of them, or a part that another form continues."""
    names = [name for name in form.fields if name != "csrfmiddlewaretoken"] or [""]
    pairs = list(itertools.product(names, VALUES))
    most = most * TIMES if TIMES == 1 else max(most, 1) * TIMES
    if not most:
        return []
    step = max(len(pairs) // most, 1)
    if step > 1 and len(VALUES) % step == 0:
        step += 1
    return [pairs[(offset + at * step) % len(pairs)] for at in range(min(most, len(pairs)))]


def attack(prober: Prober, forms: list[FoundForm], *, most: int) -> None:
    for at, form in enumerate(forms):
        for name, key in shots(form, at * 7, most):
            sent = filled(form)
            if name:
                sent[name] = [VALUES[key]]
            prober.send(form, sent, f"{name}={key}")
        keys = list(VALUES)
        whole = filled(form)
        mixed = {name: [VALUES[keys[(at + n * 5) % len(keys)]]] for n, name in enumerate(whole)}
        prober.send(form, mixed, "all hostile")
        prober.send(form, {name: values * 2 + ["x"] for name, values in whole.items()}, "doubled")
        prober.send(form, {**whole, **{name: [value] for name, value in EXTRA.items() if name not in whole}}, "extra")
        if not most:
            continue
        prober.send(form, {f"{name}[]": values for name, values in whole.items()}, "named as lists")
        prober.send(form, {}, "empty")
        if form.method == "post":
            files = {name: SimpleUploadedFile("../x.php\x00.jpg", b"\xff\xd8\xff<?php", "image/jpeg") for name in whole}
            texts = dict.fromkeys(form.files, "bukan berkas")
            for what, data in (("files for texts", files), ("texts for files", {**flat(whole), **texts})):
                encoded = _multipart(data)
                prober.ask("POST", form.action.partition("#")[0], body=encoded[0], content_type=encoded[1], what=what)


def flat(sent: dict[str, list]) -> dict[str, str]:
    return {name: values[0] for name, values in sent.items() if values}


def _multipart(data: dict) -> tuple[bytes, str]:
    return encode_multipart(BOUNDARY, data), MULTIPART_CONTENT


def report(*probers: Prober) -> None:
    wrong = [one for prober in probers for one in prober.wrong]
    asked = sum(prober.asked for prober in probers)
    if TIMES > 1:
        print(f"\n{asked} requests, slowest {max(prober.slowest for prober in probers):.2f} s, {len(wrong)} findings")
    shapes = list(dict.fromkeys(wrong))
    assert not wrong, f"{len(wrong)} of {asked}:\n" + "\n".join(shapes[:100])


# --- Every form -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "most", "least"),
    [("carrier", 3, 30), ("coord", 0, 30), ("superu", 0, 10), ("fedadm", 0, 8), ("leader", 1, 3), ("anonym", 4, 2)],
)
def test_no_form_breaks(scene, who, most, least):
    prober = Prober(scene.clients[who], who)
    forms = forms_of(prober, scene)
    assert len(forms) >= least, [form.action for form in forms]
    attack(prober, forms, most=most)
    assert not [one for one in mail.outbox if any(name in f"{one.subject}{one.body}" for name in PLANTED)]
    assert not [one for one in mail.outbox if "evil.example" in str(one.recipients())]
    report(prober)


def post(prober: Prober, name: str, kwargs: dict, sent: dict, **extra):
    """A form by the name of its address."""
    return prober.ask(
        "POST",
        reverse(name, kwargs=kwargs),
        body=urlencode(sent, doseq=True, errors="surrogatepass"),
        content_type="application/x-www-form-urlencoded",
        what=str(sent)[:60],
        **extra,
    )


# --- What is read without a form --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["carrier", "superu"])
def test_no_query_breaks_a_page(scene, who):
    prober = Prober(scene.clients[who], who)
    keys = list(VALUES)
    for at, address in enumerate(addresses(scene).values()):
        for turn in range(TIMES):
            query = {name: VALUES[keys[(at * 3 + n + turn) % len(keys)]] for n, name in enumerate(QUERY)}
            query = {name: value[:300] for name, value in query.items()}
            prober.ask("GET", f"{address}?{urlencode(query, errors='surrogatepass')}", what="query")
    report(prober)


def test_no_address_breaks(scene):
    prober = Prober(scene.clients["carrier"], "carrier")
    values = [value if isinstance(value, bytes) else value.encode(errors="surrogatepass") for value in VALUES.values()]
    for at, route in enumerate(every_url().values()):
        if "<" not in route or "^" in route:
            continue
        for turn in range(3 * TIMES):
            hostile = quote_from_bytes(values[(at * 3 + turn) % len(values)][:300], safe="")
            prober.ask("GET", "/" + re.sub(r"<[^>]+>", hostile, route), what="address")
    report(prober)


@pytest.mark.parametrize(
    ("name", "thing", "sent"),
    [
        ("cases:case-edit", "case", {"seen": "[" * 100_000}),
        ("cases:case-edit", "case", {"seen": '{"a":' * 50_000}),
        ("cases:case-edit", "case", {"problem_types": "1" + "0" * 30}),
        ("cases:case-edit", "case", {"problem_type": str(2**63)}),
        ("cases:case-edit", "case", {"occurred_on": "0001-01-01", "occurred_hour": "00:00"}),
        ("cases:quick-log", "-", {"story": "x", "occurred_on": "0001-01-01", "occurred_time": "00:00"}),
        ("cases:quick-log", "-", {"story": "x\x00y"}),
        ("cases:handover-offer", "case", {"words": "a\x00b", "search": "1"}),
        ("cases:event-add", "case+code", {"type": "a\x00b", "text": "x"}),
        ("cases:logged", "case", {"problem": "a\x00b"}),
        ("cases:places", "-", {"q": "a\x00b"}),
        ("cases:help-offer", "free", {"story": "a\x00b"}),
        (
            "cases:duplicates",
            "-",
            {"story": "a\x00b" * 20, "patient_name": "\x00", "place": "\x00", "place_body": "\x00"},
        ),
        ("cases:case-playbook", "case", {"playbook": "A\x00", "step": "1" + "0" * 30}),
        ("csp-report", "-", {}),
    ],
)
def test_what_once_broke_a_page(scene, name, thing, sent):
    whole = {"title": "x", "story": "y", "urgency": "urgent", **sent} if name == "cases:case-edit" else sent
    prober = Prober(scene.clients["carrier"], "carrier")
    post(prober, name, scene.things[thing], whole)
    report(prober)


@pytest.mark.parametrize(
    "body", [b"[" * 8000, b'{"csp-report":' * 500, b"\xff", b'{"csp-report":{"blocked-uri":["\\ud800"]}}']
)
def test_a_report_of_a_browser_may_say_anything(client, body):
    assert client.post("/csp-report/", body, content_type="application/csp-report").status_code == 204


@pytest.mark.parametrize(
    "said",
    [
        "9" * 100_000,
        "[" * 100_000,
        "[1]",
        "{}",
        "null",
        '"x"',
        "NaN",
        "1e999",
        '{"x": "\\\\u0000"}',
        '{"x": "\\ud800"}',
    ],
)
def test_a_key_store_may_say_anything(scene, said):
    prober = Prober(scene.clients["anonym"], "anonym")
    post(prober, "mfa_login_webauthn", {}, {"credential": said})
    post(Prober(scene.clients["carrier"], "carrier"), "mfa_add_webauthn", {}, {"credential": said, "name": "x"})
    report(prober)


@pytest.mark.parametrize("day", ["0001-01-01", "1000-01-01", "9999-12-31"])
def test_a_calculator_counts_no_impossible_years(as_user, world, day):
    client = as_user(world.relawan)
    for name, query in (
        ("late", f"aturan=K15&nilai=5jt&lengkap={day}&dibayar={day}"),
        ("late", f"aturan=K16&nilai=5jt&lengkap={day}"),
        ("fine", f"biaya=5jt&bulan=4&aktif={day}&masuk={day}"),
    ):
        assert client.get(reverse(f"cases:calculator-{name}") + f"?{query}").status_code == 200


# --- Keys, other desks, tokens ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "more", "sent"),
    [
        ("cases:event-add", {"code": "note"}, {"text": "Kabar"}),
        ("cases:follow-up-add", {}, {"title": "Telepon", "when": "tomorrow"}),
        ("cases:claims", {}, {"topic": "Biaya", "text": "5 juta", "source": "kasir"}),
        ("cases:people", {}, {"who": "baru", "role": "worker", "full_name": "Budi"}),
        ("cases:help-offer", {}, {"story": "Saya di IGD"}),
        ("cases:case-cover", {}, {"is_check": "yes", "note": "mati", "source": "165"}),
        ("cases:case-payer", {}, {"act": "save", "reason": "y"}),
    ],
)
def test_a_key_of_another_case_makes_nothing_and_tells_nothing(scene, name, more, sent):
    world, key = scene.world, uuid4()
    other = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, patient="Wati Lestari")
    prober = Prober(scene.clients["carrier"], "carrier")
    post(prober, name, {"uuid": other.uuid, **more}, {**sent, "submit_key": key}, keep=True)
    tables = (Case, Event, FollowUp, Claim, CaseParty, HandOver, Attachment)
    before = [table.objects.count() for table in tables]
    answer = post(prober, name, {**scene.things["case"], **more}, {**sent, "submit_key": key}, keep=True)
    assert [table.objects.count() for table in tables] == before
    assert str(other.uuid) not in answer.text + answer.headers.get("Location", "")
    report(prober)


def test_a_key_of_somebody_else_opens_nobodys_case(scene):
    key, prober = uuid4(), Prober(scene.clients["carrier"], "carrier")
    post(prober, "cases:quick-log", {}, {"story": "Rahasia RSUD", "submit_key": key}, keep=True)
    stranger = Prober(scene.clients["elsewh"], "elsewh")
    answer = post(stranger, "cases:quick-log", {}, {"story": "Lain sekali", "submit_key": key}, keep=True)
    first = Case.objects.get(submit_key=key)
    assert answer.status_code == 200
    assert not [one for one in (str(first.uuid), first.number, "Rahasia") if one in answer.text]
    report(prober, stranger)


def test_forms_of_another_desk_change_nothing(scene):
    """What the carrier is shown is sent by strangers: a 404, and every row as before."""
    mine = Prober(scene.clients["carrier"], "carrier")
    forms = [form for form in forms_of(mine, scene) if re.match(r"/[a-z-]+/[0-9a-f-]{36}/", form.action)]
    # The door of a gathering and its feedback open to whoever holds the secret in their address.
    forms = [form for form in forms if not re.match(r"/acara/[0-9a-f-]{36}/(hadir|kesan)/", form.action)]
    assert len(forms) > 15
    for who in ("elsewh", "c-elsew", "leader", "superu"):
        stranger = Prober(scene.clients[who], who)
        for form in forms:
            runs_it = who == "superu" and form.action.startswith("/acara/")
            if form.method == "post" and not form.action.startswith("/kabar/") and not runs_it:
                rows = Event.objects.count(), Case.objects.values_list("version", "assignee", "status").first()
                answer = stranger.send(form, filled(form), "another desk", keep=True)
                assert answer.status_code == 404, (who, form.action)
                now = Event.objects.count(), Case.objects.values_list("version", "assignee", "status").first()
                assert rows == now
        report(stranger)


def test_no_token_is_a_page_in_indonesian(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.relawan, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post("/catat/", {"story": "x"})
    assert answer.status_code == 403
    assert '<html lang="id"' in answer.text
    assert not Case.objects.exists()


def test_too_many_parameters_and_a_body_of_nonsense(scene):
    prober = Prober(scene.clients["carrier"], "carrier")
    many = urlencode({f"p{n}": "x" for n in range(1200)})
    form = "application/x-www-form-urlencoded"
    for body, kind in (
        (many, form),
        (b"\xff\xfe=\xc3(", form),
        (b"story=x", form + "; charset=utf-16"),
        (b"story=x", form + "; charset=bogus"),
        (b"x", "multipart/form-data"),
        (b"--b\r\nx", "multipart/form-data; boundary=b"),
        (b"{", "application/json"),
    ):
        assert prober.ask("POST", "/catat/", body=body, content_type=kind).status_code in {200, 400}
    prober.ask("GET", f"/kasus/?{many}")
    report(prober)


@pytest.mark.parametrize(
    "trick",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "https://testserver@evil.example/",
        "/%0d%0aLocation://evil.example",
        "\thttps://evil.example",
        "http://[",
    ],
)
def test_nobody_is_led_away(scene, trick):
    prober = Prober(scene.clients["carrier"], "carrier")
    asked = urlencode({"next": trick})
    for address in ("/akun/pastikan/", "/ikrar/", "/akun/keluar/", "/kelola/login/"):
        prober.ask("GET", f"{address}?{asked}")
        prober.ask("POST", f"{address}?{asked}", body=asked, content_type="application/x-www-form-urlencoded")
    post(prober, "set_language", {}, {"language": "id", "next": trick})
    post(prober, "cases:reveal", scene.things["case"], {"next": trick, "reason": "other"})
    post(prober, "cases:reveal-number", scene.things["number"], {"next": trick, "reason": "other"})
    post(prober, "cases:follow-up-finish", scene.things["plan"], {"note": "x"}, HTTP_REFERER=trick)
    post(prober, "cases:follow-up-undo", scene.things["plan"], {}, HTTP_REFERER=trick)
    guest = Prober(Client(), "guest")
    sent = {"login": "relawan", "password": PASSWORD, "next": trick}
    post(guest, "account_login", {}, sent)
    post(guest, "cases:take", scene.things["free"], {}, HTTP_REFERER=trick)
    report(prober, guest)


# --- Signing in (TRUST R3) ----------------------------------------------------------------------------------------------------


def sign_in(client, login, password, address):
    return client.post("/akun/masuk/", {"login": login, "password": password}, REMOTE_ADDR=address)


def test_five_wrong_tries_lock_the_account_for_that_address_alone(world):
    stranger = Client()
    for login in ("relawan", "relawan@example.org", "RELAWAN", "relawan", "relawan"):
        sign_in(stranger, login, "salah sekali ini", "203.0.113.9")
    assert "_auth_user_id" not in stranger.session
    sign_in(stranger, "relawan", PASSWORD, "203.0.113.9")
    assert "_auth_user_id" not in stranger.session
    owner = Client()
    assert sign_in(owner, "relawan", PASSWORD, "198.51.100.7").status_code == 302
    assert owner.session["_auth_user_id"] == str(world.relawan.pk)


def test_the_lock_ends_after_fifteen_minutes(world, monkeypatch):
    client = Client()
    for _try in range(5):
        sign_in(client, "relawan", "salah sekali ini", "203.0.113.9")
    later = time.time() + 15 * 60 + 1
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: later)
    sign_in(client, "relawan", PASSWORD, "203.0.113.9")
    assert client.session["_auth_user_id"] == str(world.relawan.pk)


def test_many_addresses_together_are_stopped_too(world):
    for number in range(6):
        for _try in range(5):
            sign_in(Client(), "relawan", "salah sekali ini", f"203.0.113.{number}")
    client = Client()
    sign_in(client, "relawan", PASSWORD, "198.51.100.7")
    assert "_auth_user_id" not in client.session


def test_one_address_trying_many_accounts_is_stopped(world):
    for number in range(20):
        sign_in(Client(), f"siapa{number}", "salah sekali ini", "203.0.113.9")
    client = Client()
    sign_in(client, "relawan", PASSWORD, "203.0.113.9")
    assert "_auth_user_id" not in client.session


# --- At once ------------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_by_two_tabs_at_once_makes_one_thing(world, case):
    key, cover = uuid4(), uuid4()
    plan = {"title": "Telepon", "due_at": timezone.now() + timedelta(hours=2), "owner": None, "by": world.relawan}

    def opened():
        return intake.open_case(by=world.relawan, desk=world.desk, story="IGD minta uang muka", submit_key=key)

    def planned():
        return follow_ups.schedule(case=Case.objects.get(pk=case.pk), submit_key=cover, **plan)

    def helped():
        return duplicates.offer_help(case=Case.objects.get(pk=case.pk), by=world.relawan2, text="x", submit_key=key)

    found = at_once(opened, opened, planned, planned, helped, helped)
    assert not [one for one in found if isinstance(one, Exception)], found
    assert found[0] == found[1]
    assert found[2] == found[3]
    assert found[4] == found[5]
    assert Case.objects.count() == 2
    assert Event.objects.filter(submit_key=key).count() == 1
