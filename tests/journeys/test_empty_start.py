"""DEMO=0: from an empty database to a closed case, through pages alone, without JavaScript and with second factors.

Nothing here builds a row by hand: what the union needs, its people make in the admin and on their phones.
"""

import re
from html.parser import HTMLParser

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client

from cases.models import Case, Event
from members.models import AccessLog, Organisation, OrganisationKind, User
from members.services.accounts import create_first_admin

ADMIN = "hujan turun di bulan juni"
PASSWORD = "perahu kecil di laut luas"


class Forms(HTMLParser):
    """The forms of a page as a browser would send them untouched: action, name → values, and all names they offer."""

    def __init__(self, html):
        super().__init__()
        self.forms, self.select = [], None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.forms.append((given.get("action", ""), {}, set()))
        if not self.forms:
            return
        _action, data, names = self.forms[-1]
        name = given.get("name")
        names.add(name)
        if tag == "input" and name and "disabled" not in given:
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in given:
                    data.setdefault(name, []).append(given.get("value", "on"))
            elif kind not in ("submit", "file", "button"):
                data.setdefault(name, []).append(given.get("value") or "")
        elif tag == "textarea" and name:
            data.setdefault(name, [""])
        elif tag == "select" and name:
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            data.setdefault(self.select, []).append(given.get("value", ""))

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None


class Person:
    """Somebody with a browser: opens pages, fills in what the page offers, goes where it leads."""

    def __init__(self):
        self.client = Client(headers={"user-agent": "Mozilla/5.0 (Linux; Android 10; K) Chrome/130.0 Mobile"})
        self.secret = None

    def opens(self, path):
        answer = self.client.get(path, follow=True)
        assert answer.status_code == 200, (path, answer.status_code)
        self.page, self.at = answer.text, answer.request["PATH_INFO"]
        return self.page

    def sends(self, path=None, **given):
        """Fill in the form of the page that goes to ``path`` and offers these fields, send it, and follow."""
        path = path or self.at
        forms = Forms(self.page).forms
        fitting = [
            data for action, data, names in forms if (action or self.at) == path and names >= set(given) - {None}
        ]
        assert fitting, f"{self.at} has no form to {path} with {set(given)}: {[(row[0], row[2]) for row in forms]}"
        data = {name: values if len(values) > 1 else values[0] for name, values in fitting[-1].items() if values}
        answer = self.client.post(path, {**data, **given}, follow=True)
        assert answer.status_code == 200, (path, answer.status_code)
        self.page, self.at = answer.text, answer.request["PATH_INFO"]
        return answer

    def signs_in(self, login, password):
        self.opens("/akun/masuk/")
        self.sends("/akun/masuk/", login=login, password=password)

    def sets_up_the_second_factor(self):
        assert self.at == "/akun/pengaman/", self.at
        self.opens("/akun/pengaman/aplikasi/pasang/")
        self.secret = self.client.session["mfa.totp.secret"]
        counter = list(yield_hotp_counters_from_time())[1]
        self.sends("/akun/pengaman/aplikasi/pasang/", code=format_hotp_value(hotp_value(self.secret, counter)))

    def invites(self, email, role, organisation):
        self.opens("/kelola/members/invitation/add/")
        self.sends(full_name="", email=email, role=role, organisation=organisation.pk)
        assert "/undangan/" in self.page, "the link is shown once"

    def founds(self, name, kind, parent=None, *, desk=False):
        self.opens("/kelola/members/organisation/add/")
        given = {
            "name": name,
            "kind": OrganisationKind.objects.get(code=kind).pk,
            "parent": parent.pk if parent else "",
        }
        self.sends(**given, **({"is_desk": "on"} if desk else {}))
        return Organisation.objects.get(name=name)


def link_mailed_to(email):
    message = next(message for message in reversed(mail.outbox) if message.to == [email])
    return re.search(r"http://localhost:8000(/undangan/[^\s/]+/)", message.body)[1]


def accepts(email, name, username):
    person = Person()
    person.opens(link_mailed_to(email))
    person.sends(full_name=name, username=username, password=PASSWORD, whatsapp="0812 3456 7890")
    return person


@pytest.fixture
def clock():
    """Frozen, so that a code of the authenticator app is the right one; moved on by hand."""
    with time_machine.travel("2026-11-23 08:00 +0700", tick=False) as traveller:
        yield traveller


def test_from_nothing_to_a_closed_case(catalogue, settings, clock):
    settings.MFA_REQUIRED = True
    assert not User.objects.exists()
    assert not Organisation.objects.exists()

    # The first admin, as `make run DEMO=0` asks for it.
    create_first_admin(username="pusat", email="pusat@example.org", password=ADMIN, full_name="Admin Pusat")
    admin = Person()
    admin.signs_in("pusat", ADMIN)
    admin.sets_up_the_second_factor()
    assert "Organisasi dan akun" in admin.opens("/kelola/")

    # Organisations and invitations.
    top = admin.founds("DPN Jamkes Nusantara", "advocacy_national")
    province = admin.founds("DPW Jawa Timur", "advocacy_province", top)
    desk = admin.founds("DPD Sidoarjo", "advocacy_district", province, desk=True)
    admin.invites("kartika@example.org", "coordinator", desk)
    admin.invites("rina@example.org", "advocate", desk)

    # The relawan comes in, promises, and logs what she hears.
    rina = accepts("rina@example.org", "Rina Wulandari", "rina")
    assert rina.at == "/ikrar/"
    rina.sends("/ikrar/", conduct="on", secrecy="on")
    assert "Beranda" in rina.opens("/")
    rina.opens("/catat/")
    rina.sends("/catat/", story="Bu Siti di IGD RSUD diminta uang muka Rp5 juta.", carry="desk")
    case = Case.objects.get()
    assert (case.desk, case.assignee, case.logged_by.username) == (desk, None, "rina")
    assert re.fullmatch(r"KWL-26-\d{5}", case.number)

    # The coordinator comes in, sets up her second factor first, promises, and gives the case away.
    kartika = accepts("kartika@example.org", "Kartika Sari", "kartika")
    kartika.opens("/")
    kartika.sets_up_the_second_factor()
    kartika.opens("/")
    assert kartika.at == "/ikrar/"
    kartika.sends("/ikrar/", conduct="on", secrecy="on")
    assert case.number in kartika.opens("/")
    kartika.opens(f"/kasus/{case.uuid}/tugaskan/")
    relawan = User.objects.get(username="rina")
    kartika.sends(f"/kasus/{case.uuid}/tugaskan/", to=str(relawan.uuid))
    case.refresh_from_db()
    assert case.assignee == relawan

    # The relawan is told, writes a fact, and closes.
    clock.shift(60)
    assert case.number in rina.opens("/kabar/")
    rina.opens(f"/kasus/{case.uuid}/kejadian/note/")
    rina.sends(f"/kasus/{case.uuid}/kejadian/note/", text="Uang muka dibatalkan, pasien masuk ruang.")
    rina.opens(f"/kasus/{case.uuid}/tutup/")
    rina.sends(outcome="rights_met", note="Dirawat dengan JKN.")
    case.refresh_from_db()
    assert case.is_open  # first the answers are shown once more
    rina.sends(step="close")
    case.refresh_from_db()
    assert not case.is_open
    assert Event.objects.filter(case=case, type__code="closed").exists()

    # What was done stands in the log; the admin sees nothing of it.
    assert AccessLog.objects.filter(user=relawan, object_uuid=case.uuid).exists()
    assert admin.client.get(f"/kasus/{case.uuid}/").status_code == 404
    assert User.objects.count() == 3
