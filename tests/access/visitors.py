"""Everyone who may knock, and everything they may knock at: what the access matrix is made of."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from cases.models import (
    Attachment,
    CasePaper,
    CasePartner,
    CaseShare,
    Claim,
    Clock,
    Commitment,
    FollowUp,
    HandOver,
    Letter,
    MoneyLine,
    Playbook,
    Rule,
    SavedView,
)
from cases.rules.codes import EventCode
from cases.services import carrying, timeline
from members.models import Appointment, BodyFix, Identifier, Membership, Message, Person, PersonMerge, User
from members.rules.roles import Role
from members.services import calendars, invitations, messages, vault
from members.services.uploads import SMALL
from tests.factories import make_case, make_user
from tests.lists import build_import
from tests.printouts import build_printouts
from tests.registers import build_registers
from tests.training import build_training

#: The columns of matrix.txt, in order.
VISITORS = {
    "anonym": "nobody has signed in",
    "carrier": "the relawan who carries the case",
    "mate": "another relawan of the same desk",
    "elsewh": "a relawan of another desk",
    "offered": "a relawan of another desk, to whom the case is offered",
    "coord": "the coordinator of the desk",
    "above": "the coordinator of the unit above",
    "c-elsew": "the coordinator of another desk",
    "leader": "a leader at the top: figures, never a case",
    "fedadm": "the federation admin of the unit above",
    "superu": "a system admin",
    "inactiv": "the carrier of another case, switched off while signed in",
    "nopledg": "a relawan of the desk who has not accepted the pledge",
    "ended": "a coordinator of the desk until yesterday",
}


@dataclass
class Scene:
    """One case with everything on it, and one client for every visitor."""

    clients: dict[str, Client] = field(default_factory=dict)
    #: What the addresses name, by the words of the second column of matrix.txt.
    things: dict[str, dict] = field(default_factory=dict)


def build(world) -> Scene:
    """The scene: the case of `world.relawan`, its parts, a free case beside it, and somebody for every column."""
    now = timezone.now()
    offered = make_user("ditawari", role=Role.ADVOCATE, at=world.other_desk, full_name="Oki Permana")
    inactive = make_user("mati", role=Role.ADVOCATE, at=world.desk, full_name="Mati Suri")
    unpledged = make_user("tanpaikrar", role=Role.ADVOCATE, at=world.desk, full_name="Nur Aini", pledged=False)
    ended = make_user("mantan", role=Role.COORDINATOR, at=world.desk, full_name="Mantan Koordinator")
    yesterday = timezone.localdate() - timedelta(days=1)
    Appointment.objects.filter(user=ended).update(from_on=yesterday, until_on=yesterday)
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, place=world.place)
    free = make_case(desk=world.desk, by=world.koordinator, title="Kartu BPJS mati")
    make_case(desk=world.desk, by=inactive, assignee=inactive, title="Kasus lain")
    handover = carrying.offer(
        case=case, to=offered, next_step="Telepon keluarga", reason="Luar kota", without_consent=True, by=world.relawan
    )
    batch = uuid4()
    HandOver.objects.filter(pk=handover.pk).update(batch=batch)
    share = CaseShare.objects.create(
        case=case, user=world.koordinator, from_at=now + timedelta(days=1), reason="Besok", shared_by=world.relawan
    )
    once = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider, title="Pernah dipegang")
    timeline.record(once, EventCode.NOTE, by=world.outsider, text="Surat diantar", now=now)
    carrying.assign(case=once, to=offered, by=world.outside_koordinator)
    event = timeline.record(case, EventCode.NOTE, by=world.relawan, text="Petugas minta menunggu", now=now)
    plan = FollowUp.objects.create(
        case=case, title="Telepon RS", due_at=now + timedelta(hours=2), created_at=now, owner=world.relawan
    )
    party = case.parties.get()
    number = Identifier.objects.create(person=party.person, kind="nik", value="3515014107900001")
    stored = vault.keep(b"not a picture")
    vault.keep(b"nor is this", name=stored + SMALL)
    paper = Attachment.objects.create(
        case=case,
        kind="photo",
        stored_name=stored,
        content_type="image/webp",
        size=1,
        sha256_received="a",
        sha256_stored="b",
        uploaded_at=now,
        uploaded_by=world.relawan,
    )
    clock = Clock.objects.create(
        case=case, rule=Rule.objects.get(code="K26"), obliged="employer", zone=case.zone, started_at=now, logged_at=now
    )
    Claim.objects.create(
        case=case, topic="biaya", text="Rp5 juta", source="kasir", logged_at=now, logged_by=world.relawan
    )
    line = MoneyLine.objects.create(case=case, kind="paid", amount=50_000, logged_at=now, logged_by=world.relawan)
    promise = Commitment.objects.create(case=case, desk=case.desk, text="Kamar malam ini", logged_at=now)
    need = CasePaper.objects.create(case=case, name="Surat RT", state_at=now, logged_at=now, logged_by=world.relawan)
    partner = CasePartner.objects.create(case=case, name="LBH", logged_at=now, logged_by=world.relawan)
    told, _mail = messages.post(
        recipient=world.relawan, kind="assigned", key="m", data={"number": case.number}, path=f"/kasus/{case.uuid}/"
    )
    invitation, _token = invitations.invite(email="tamu@example.org", organisation=world.desk, by=world.superuser)
    failed = Message.objects.create(
        recipient=world.relawan, channel="email", key="f", kind="assigned", state="failed", not_before=now
    )
    letter = Letter.objects.create(case=case, office="Dinas Kesehatan", text="Kami mohon.", logged_at=now)
    person = Person.objects.create(full_name="Sri Wahyuni")
    member = Membership.objects.create(person=person, organisation=world.desk)
    merge = PersonMerge.objects.create(
        lost=Person.objects.create(full_name="Sri W.", merged_into=person),
        kept=person,
        merged_at=now,
        merged_by=world.koordinator,
    )
    fix = BodyFix.objects.create(
        body=world.place, values={"phone": "021 500"}, why="papan nama", proposed_by=world.relawan, proposed_at=now
    )
    view = SavedView.objects.create(
        owner=world.relawan, organisation=world.desk, name="Darurat", query="lihat=darurat", created_at=now
    )
    scene = Scene(clients=_clients(world, offered, inactive, unpledged, ended))
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    scene.things = {
        "-": {},
        **build_training(world),
        **build_registers(world),
        "case": {"uuid": case.uuid},
        "free": {"uuid": free.uuid},
        "nothing": {"uuid": uuid4()},
        "case+code": {"uuid": case.uuid, "code": "note"},
        "playbook": {"code": Playbook.objects.values_list("code", flat=True).first() or "tidak-ada"},
        "event": {"uuid": event.uuid},
        "plan": {"uuid": plan.uuid},
        "clock": {"uuid": clock.uuid},
        "letter": {"uuid": letter.uuid},
        "money": {"uuid": line.uuid},
        "partner": {"uuid": partner.uuid},
        "need": {"uuid": need.uuid},
        "promise": {"uuid": promise.uuid},
        "offer": {"uuid": handover.uuid},
        "batch": {"batch": batch},
        "share": {"uuid": share.uuid},
        "once": {"uuid": once.uuid},
        "view": {"uuid": view.uuid},
        "party": {"uuid": party.uuid},
        "number": {"uuid": party.uuid, "pk": number.pk},
        "paper": {"uuid": paper.uuid},
        "message": {"uuid": told.uuid},
        "organisation": {"uuid": world.desk.uuid},
        "import": {"uuid": build_import(world).uuid},
        **build_printouts(world, case),
        "body": {"uuid": world.place.uuid},
        "fix": {"uuid": fix.uuid},
        "person": {"uuid": member.person.uuid},
        "person+pk": {"uuid": member.person.uuid, "pk": member.pk},
        "person+merge": {"uuid": member.person.uuid, "merge": merge.uuid},
        "token": {"token": "tidak-pernah-diberikan"},
        "feed": {"secret": calendars.renew(world.relawan, now=now)},
        "no-feed": {"secret": "tidak-pernah-diberikan"},
        "key": {"pk": 1},
        "reset": {"uidb36": "zzzz", "key": "abc-def"},
        "app": {"app_label": "members"},
        "url": {"url": "tidak/ada"},
        "rows": {
            "organisation": world.desk.pk,
            "user": world.relawan.pk,
            "invitation": invitation.pk,
            "message": failed.pk,
            "body": world.place.pk,
        },
    }
    return scene


def _clients(world, offered, inactive, unpledged, ended) -> dict[str, Client]:
    users = [
        None,
        world.relawan,
        world.relawan2,
        world.outsider,
        offered,
        world.koordinator,
        world.koordinator_atas,
        world.outside_koordinator,
        world.pimpinan,
        world.admin_federasi,
        world.superuser,
        inactive,
        unpledged,
        ended,
    ]
    clients = {}
    for name, user in zip(VISITORS, users, strict=True):
        clients[name] = client = Client()
        if user is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            session = client.session
            session["proved_at"] = int(timezone.now().timestamp())
            session.save()
    return clients


def every_url() -> dict[str, str]:
    """Every URL name of the site (with its namespaces) and the route behind it."""
    return _walk()[0]


def unnamed_urls() -> list[str]:
    """The routes without a name: Django's admin has some, we have none."""
    return _walk()[1]


def _walk() -> tuple[dict[str, str], list[str]]:
    found: dict[str, str] = {}
    unnamed: list[str] = []

    def walk(patterns, namespaces, route):
        for item in patterns:
            here = route + str(item.pattern)
            if isinstance(item, URLResolver):
                walk(item.url_patterns, [*namespaces, *([item.namespace] if item.namespace else [])], here)
            elif isinstance(item, URLPattern) and item.name:
                found[":".join([*namespaces, item.name])] = here
            elif isinstance(item, URLPattern):
                unnamed.append(here)

    walk(get_resolver().url_patterns, [], "")
    return found, unnamed


#: What a page may write whoever asks: who was here, and what was refused.
_TRACES = {
    "django_session",
    "members_accesslog",
    "members_accessseal",
    "usersessions_usersession",
    "members_tick",
    "members_calendarfeed",  # when it was last fetched
}
_WRITE = re.compile(r"^\s*(?:INSERT INTO|UPDATE|DELETE FROM) \"(\w+)\"", re.IGNORECASE)


class Rows:
    """What a request, whose effects will be taken back, did to the rows that people's work is in."""

    def __enter__(self):
        reset_queries()
        self.queries = CaptureQueriesContext(connection)
        self.queries.__enter__()
        return self

    def __exit__(self, *failure):
        self.queries.__exit__(*failure)
        written = {found[1] for query in self.queries if (found := _WRITE.match(query["sql"]))}
        self.after = {table: _rows(table) for table in sorted(written - _TRACES)}

    def have_changed(self) -> bool:
        """To be asked once the transaction is rolled back, when the rows are again what they were before."""
        return any(_rows(table) != after for table, after in self.after.items())


def _rows(table: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608
        return cursor.fetchall()
