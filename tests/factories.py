"""Small builders for tests, through the services wherever one exists."""

import itertools
from datetime import date

from django.utils import timezone

from cases.models import Case
from cases.rules.codes import EventCode, PartyRole, Urgency
from cases.services import parties, timeline, words
from members.models import PLEDGE_VERSION, Body, BodyKind, Organisation, OrganisationKind, Region, User
from members.rules.roles import Role
from members.services import trees
from members.services.appointments import appoint

PASSWORD = "kereta malam ke bandung"
#: Before any day a test travels to, whatever day it really is.
LONG_AGO = date(2020, 1, 1)
_count = itertools.count(1)


def make_region(code="35.15", name="Kabupaten Sidoarjo", zone="Asia/Jakarta"):
    return Region.objects.get_or_create(code=code, defaults={"name": name, "kind": "regency", "zone": zone})[0]


def make_organisation(
    name="DPD Uji", *, parent=None, kind="advocacy_district", line="advocacy", is_desk=True, **fields
):
    kind_row, _ = OrganisationKind.objects.get_or_create(code=kind, defaults={"name": kind, "line": line})
    return trees.place(Organisation(name=name, kind=kind_row, is_desk=is_desk, **fields), parent=parent)


def make_user(username=None, *, role=None, at=None, full_name=None, pledged=True, **fields):
    number = next(_count)
    username = username or f"user{number}"
    user = User.objects.create_user(
        username=username,
        email=fields.pop("email", f"{username}@example.org"),
        password=fields.pop("password", PASSWORD),
        full_name=full_name or f"Orang Ke{number}",
        pledge_version=PLEDGE_VERSION if pledged else "",
        pledge_at=timezone.now() if pledged else None,
        **fields,
    )
    if role:
        appoint(user=user, role=role, organisation=at, from_on=LONG_AGO)
    return user


def make_body(name="RSUD Cempaka Raya", kind="hospital", **fields):
    body = Body.objects.create(name=name, **fields)
    row, _ = BodyKind.objects.get_or_create(code=kind, defaults={"name": kind, "is_facility": kind == "hospital"})
    body.kinds.add(row)
    return body


def make_case(
    *, desk, by, assignee=None, title="IGD meminta uang muka", now=None, patient="Siti Rahmawati", phone="", **fields
):
    """A case as the quick log leaves it, written straight: for tests that are not about logging one."""
    now = now or timezone.now()
    number = next(_count)
    case = Case.objects.create(
        desk=desk,
        title=title,
        story=fields.pop("story", title),
        number=f"KWL-{now:%y}-{90000 + number:05d}",
        urgency=fields.pop("urgency", Urgency.URGENT),
        logged_by=by,
        assignee=assignee,
        status=fields.pop("status", "running" if assignee else "new"),
        created_at=now,
        last_event_at=now,
        zone=desk.zone,
        **fields,
    )
    timeline.record(case, EventCode.OPENED, by=by, now=now)
    if patient:
        parties.add(case=case, role=PartyRole.PATIENT, by=by, full_name=patient, phone=phone, now=now, silent=True)
    words.refresh([case.pk])
    return case


class World:
    """A small union: one DPW with two DPD desks, and a person of each role."""

    def __init__(self):
        region = make_region()
        self.dpn = make_organisation("DPN Uji", kind="advocacy_national", is_desk=False)
        self.dpw = make_organisation("DPW Uji Timur", parent=self.dpn, kind="advocacy_province", is_desk=False)
        self.desk = make_organisation("DPD Karangsari", parent=self.dpw, region=region)
        self.other_desk = make_organisation("DPD Bukit Lor", parent=self.dpw)
        self.relawan = make_user(
            "relawan", role=Role.ADVOCATE, at=self.desk, full_name="Rina Wulandari", whatsapp="+6281200000001"
        )
        self.relawan2 = make_user(
            "relawan2", role=Role.ADVOCATE, at=self.desk, full_name="Yoga Pratama", whatsapp="+6281200000002"
        )
        self.koordinator = make_user(
            "koordinator", role=Role.COORDINATOR, at=self.desk, full_name="Kartika Sari", whatsapp="+6281200000003"
        )
        self.koordinator_atas = make_user(
            "koordinator_atas", role=Role.COORDINATOR, at=self.dpw, full_name="Wahyu Budi"
        )
        self.pimpinan = make_user("pimpinan", role=Role.LEADER, at=self.dpn, full_name="Abdul Hadi")
        self.admin_federasi = make_user(
            "adminfed", role=Role.FEDERATION_ADMIN, at=self.dpw, full_name="Ani Lestari", is_staff=True
        )
        self.outsider = make_user("orang_luar", role=Role.ADVOCATE, at=self.other_desk, full_name="Tono Kusuma")
        self.outside_koordinator = make_user(
            "koordinator_lain", role=Role.COORDINATOR, at=self.other_desk, full_name="Dewi Anggraini"
        )
        self.superuser = make_user("sistem", full_name="Admin Sistem", is_staff=True, is_superuser=True)
        self.place = make_body(region=region)
