"""The cases of the demo: each goes in through the quick log's own form, and moves on through the services."""

from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile

from cases.demo.books import Books, tell_desks, tell_ska
from cases.demo.moments import moment
from cases.demo.pictures import paper
from cases.demo.union import Union, read
from cases.forms.quick_log import FAMILY, REPORTERS, QuickLogForm
from cases.models import Case, EventType, HandOver, Outcome
from cases.rules.codes import FollowUpKind, HandOverState, PartyRole, Relation
from cases.rules.due import end_of_day
from cases.services import attachments, carrying, claims, closing, facts, follow_ups, parties, sharing
from cases.services.intake import open_case
from members.models import Body, Region, User

#: The form asks for one person a role; whoever is told of besides is added on the case page.
ONE_EACH = (PartyRole.REPORTER, PartyRole.PATIENT, PartyRole.INSURED, PartyRole.WORKER, PartyRole.OTHER)


class Untellable(Exception):
    """A story that the form does not take, with what the form said."""


def tell_stories(union: Union, *, now: datetime) -> dict[str, Case]:
    """Tell all stories, oldest first, and leave every case where its story ends."""
    regions = {region.code: region for region in Region.objects.all()}
    cases: dict[str, Case] = {}
    stories = read("cases")
    for story in sorted(stories, key=lambda row: moment(row["at"], now=now, zone=_zone(row, regions))):
        cases[story["id"]] = Teller(union, cases, regions, now=now).tell(story)
    tell_desks(union, now=now)
    tell_ska(union, now=now)
    return cases


def _zone(story: dict, regions: dict[str, Region]) -> str:
    return regions[story["form"]["region"]].zone


def form_data(given: dict, *, desk_uuid: str, region: Region, body: Body | None) -> dict:
    """What somebody would type and tap on the quick log for this story."""
    data = {
        "submit_key": str(uuid4()),
        "story": given["story"],
        "urgency": given["urgency"],
        "red_flags": given.get("red_flags", []),
        "problems": given["problem_types"],
        "problem_main": given["problem_types"][0],
        "region": region.name,
        "place": body.name if body else given.get("place", ""),
        "place_body": str(body.uuid) if body else "",
        "whereabouts": given.get("whereabouts", ""),
        "channel": given.get("channel", ""),
        "membership": given.get("membership", ""),
        "occurred_text": given.get("occurred", ""),
        "desk": desk_uuid,
        "carry": given["carry"],
    }
    named: dict[str, str] = {}
    for party in _in_form(given["parties"]):
        role, name, relation = party["role"], party["name"], party["relation"]
        if role == PartyRole.REPORTER:
            data |= _reporter(relation)
        same = named.get(name, "") if name else ""
        if role != PartyRole.REPORTER:
            data[f"{role}_is"] = same
        data |= {
            f"{role}_name": "" if same else name,
            f"{role}_phone": "" if same else party.get("phone", ""),
            f"{role}_relation": data.get(f"{role}_relation", relation),
        }
        if name:
            named.setdefault(name, role)
    data.setdefault("reporter_is", "unknown")
    return data


def _in_form(people: list[dict]) -> list[dict]:
    """The people the form has room for, in the order in which it asks."""
    first: dict[str, dict] = {}
    for party in people:
        first.setdefault(party["role"], party)
    return [first[role] for role in ONE_EACH if role in first]


def _reporter(relation: str) -> dict[str, str]:
    if relation in FAMILY:
        return {"reporter_is": "family", "reporter_relation": relation}
    chips = {given: chip for chip, (label, given) in REPORTERS.items() if chip not in {"me", "family"}}
    return {"reporter_is": chips.get(Relation(relation), "unknown"), "reporter_relation": ""}


class Teller(Books):
    """One story at a time: what was logged, then each step at its own moment, by whoever carries the case."""

    def __init__(self, union: Union, cases: dict[str, Case], regions: dict[str, Region], *, now: datetime):
        self.union, self.cases, self.regions, self.now = union, cases, regions, now

    def tell(self, story: dict) -> Case:
        """Log it and take every step; returns the case as it is now. Raises Untellable."""
        self.zone = _zone(story, self.regions)
        self.then = moment(story["at"], now=self.now, zone=self.zone)
        self.case = self._log(story)
        self.begin_books()
        for step in story["steps"]:
            self.then = max(self.then, moment(step["at"], now=self.now, zone=self.zone, then=self.then))
            getattr(self, f"_{step['do']}")(step, by=self._who(step))
            self.case.refresh_from_db()
        return self.case

    def _log(self, story: dict) -> Case:
        given = story["form"]
        by = self.union.users[story["by"]]
        steps = story["steps"]
        carries = bool(steps) and steps[0]["do"] == "take"
        data = form_data(
            given | {"carry": "me" if carries else "desk"},
            desk_uuid=str(self.union.organisations[story["desk"]].uuid),
            region=self.regions[given["region"]],
            body=self.union.bodies.get(given.get("place", "")),
        )
        form = QuickLogForm(data, user=by)
        if not form.is_valid():
            raise Untellable(f"{story['id']}: {form.errors.as_json()}")
        case = open_case(
            by=by,
            **{**form.given(), "parent": self.cases.get(story.get("parent", ""))},
            kind=story.get("kind", "individual"),
            is_restricted=story.get("restricted", False),
            now=self.then,
        )
        told = _in_form(given["parties"])
        for party in given["parties"]:
            if party not in told and party["name"]:
                parties.add(
                    case=case,
                    role=party["role"],
                    by=by,
                    full_name=party["name"],
                    phone=party.get("phone", ""),
                    relation=party["relation"],
                    now=self.then,
                )
        return case

    def _who(self, step: dict) -> User:
        """Who presses the button: whoever the step names, else whoever carries the case."""
        return self.union.users[step["by"]] if "by" in step else self.case.assignee

    # --- The steps, one button each ---

    def _take(self, step: dict, *, by: User) -> None:
        carrying.take(case=self.case, by=by, now=self.then)

    def _assign(self, step: dict, *, by: User) -> None:
        carrying.assign(case=self.case, to=self.union.users[step["to"]], by=by, now=self.then)

    def _event(self, step: dict, *, by: User) -> None:
        facts.tell(
            case=self.case,
            type=EventType.objects.get(code=step["type"]),
            by=by,
            text=step["text"],
            counterpart=step.get("counterpart", ""),
            body=self.union.bodies[step["body"]] if "body" in step else None,
            now=self.then,
        )

    def _claim(self, step: dict, *, by: User) -> None:
        claims.add(case=self.case, topic=step["topic"], text=step["text"], source=step["source"], by=by, now=self.then)

    def _plan(self, step: dict, *, by: User) -> None:
        """Whoever plans a step of their own is done with the look that the system had planned."""
        for follow_up in self.case.follow_ups.open().filter(created_by=None):
            follow_ups.finish(follow_up=follow_up, by=by, now=self.then)
        due_at, is_day = moment(step["due"], now=self.now, zone=self.zone), step.get("day", False)
        follow_ups.schedule(
            case=self.case,
            title=step["title"],
            kind=step["kind"],
            due_at=end_of_day(due_at.astimezone(ZoneInfo(self.zone)).date(), self.zone) if is_day else due_at,
            due_is_day=is_day,
            owner=by,
            by=by,
            now=self.then,
        )

    def _done(self, step: dict, *, by: User) -> None:
        for follow_up in self.case.follow_ups.open():
            consent = follow_up.kind == FollowUpKind.CONSENT
            note = "Izin diberikan lewat telepon." if consent else step["note"]
            follow_ups.finish(follow_up=follow_up, by=by, note=note, now=self.then)

    def _offer(self, step: dict, *, by: User) -> None:
        carrying.offer(
            case=self.case,
            to=self.union.users[step["to"]],
            next_step=step["next_step"],
            reason=step["reason"],
            without_consent=True,
            by=by,
            now=self.then,
        )

    def _accept(self, step: dict, *, by: User) -> None:
        offer = HandOver.objects.get(case=self.case, state=HandOverState.OFFERED)
        carrying.accept(handover=offer, by=offer.to_user, now=self.then)

    def _decline(self, step: dict, *, by: User) -> None:
        offer = HandOver.objects.get(case=self.case, state=HandOverState.OFFERED)
        carrying.decline(handover=offer, by=offer.to_user, note=step["note"], now=self.then)

    def _paper(self, step: dict, *, by: User) -> None:
        upload = ContentFile(paper(step["title"]), name="foto.jpg")
        attachments.add(case=self.case, upload=upload, by=by, title=step["title"], now=self.then)

    def _whatsapp(self, step: dict, *, by: User) -> None:
        sharing.sent(case=self.case, kind=step["kind"], by=by, now=self.then)

    def _close(self, step: dict, *, by: User) -> None:
        outcome = Outcome.objects.get(code=step["outcome"])
        closing.close(case=self.case, outcome=outcome, by=by, note=step["note"], now=self.then)

    def _reopen(self, step: dict, *, by: User) -> None:
        closing.reopen(case=self.case, by=by, reason=step["reason"], now=self.then)
