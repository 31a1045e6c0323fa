"""A case opened to a person or a unit for a while; outside its own unit only with consent, or with a reason (ADR 19)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseShare
from cases.rules.codes import EventCode
from cases.rules.errors import Refused
from cases.rules.registers import Purpose
from cases.services import consents, masking, timeline
from members.models import AccessLog, Appointment, Closure, Organisation, User
from members.rules.roles import Permission, roles_granting
from members.services import access
from members.services import messages as outbox

#: Why the access log has a row of a sharing: its code, never its words.
WITHOUT_CONSENT = "no_consent"


class NeedsConsent(Refused):
    """Outside the unit nothing is shared without consent; a reason said aloud goes before it."""

    def __init__(self):
        super().__init__(
            _(
                "There is no consent to share outside the unit. Note the consent, or tick that it cannot wait and say why."
            )
        )


def is_outside(case: Case, to: User | Organisation, *, now: datetime) -> bool:
    """Whether somebody, or a unit, stands outside the line of the desk: neither above it, nor at it, nor below."""
    line = Q(ancestor=case.desk_id) | Q(descendant=case.desk_id)
    if isinstance(to, Organisation):
        other = Q(ancestor=to.pk) | Q(descendant=to.pk)
        return not Closure.objects.filter(line, other).exists()
    offices = Appointment.objects.live(timezone.localdate(now)).filter(user=to).values("organisation")
    other = Q(ancestor__in=offices) | Q(descendant__in=offices)
    return not Closure.objects.filter(line, other).exists()


def check_consent(
    case: Case, to: User | Organisation, *, by: User, reason: str, without_consent: bool, now: datetime
) -> bool:
    """Whether live consent stands behind opening the case to somebody; inside the unit none is needed.

    Raises NeedsConsent outside the unit without consent, unless ``without_consent`` says that it cannot wait and a reason
    is given; that leaves a row in the access log.
    """
    if consents.is_live(case, Purpose.SHARE):
        return True
    if not is_outside(case, to, now=now):
        return False
    if not without_consent or not reason.strip():
        raise NeedsConsent
    access.record(AccessLog.Action.EXPORT, by=by, kind="case", uuid=case.uuid, reason=WITHOUT_CONSENT)
    return False


@transaction.atomic
def share(
    *,
    case: Case,
    to: User | Organisation,
    reason: str,
    by: User,
    until_at: datetime | None = None,
    without_consent: bool = False,
    now: datetime | None = None,
) -> CaseShare:
    """Open the case to a person or a unit, until a moment or until it is ended, with a reason.

    A share that stands already is given back; another end moves it. Raises NeedsConsent, and Refused without a reason,
    for an end that has passed, and for a unit where only named people may open the case.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    reason = masking.clean(case, reason.strip(), by, now=now)[:200]
    if not reason:
        raise Refused(_("Say why it is shared."))
    if until_at and until_at <= now:
        raise Refused(_("This moment has passed. Choose a later one."))
    target = {"user": to} if isinstance(to, User) else {"organisation": to}
    if isinstance(to, User):
        _check_person(case, to)
    else:
        _check_unit(case, to)
    row = CaseShare.objects.live(now).filter(case=case, **target).first()
    if row and row.until_at == until_at:
        return row
    has_consent = check_consent(case, to, by=by, reason=reason, without_consent=without_consent, now=now)
    row = row or CaseShare(case=case, from_at=now, **target)
    row.until_at, row.shared_by, row.has_consent, row.reason = until_at, by, has_consent, reason
    row.save()
    is_override = without_consent and not has_consent and is_outside(case, to, now=now)
    text = _("%(to)s, without consent: %(reason)s") if is_override else "%(to)s: %(reason)s"
    data = {"share": str(row.uuid), "without_consent": is_override}
    timeline.record(case, EventCode.SHARED, by=by, now=now, text=text % {"to": to, "reason": reason}, data=data)
    if isinstance(to, User):
        outbox.post(
            recipient=to,
            kind="case_shared",
            key=f"shared:{row.uuid}:{now.isoformat()}",
            thing=f"share:{row.uuid}",
            about=case.about,
            path=f"/kasus/{case.uuid}/",
            data={"number": case.number},
            urgency=case.urgency,
            now=now,
        )
    return row


@transaction.atomic
def end(*, share: CaseShare, by: User, now: datetime | None = None) -> CaseShare:
    """Close it again; a second tap changes nothing."""
    now = now or timezone.now()
    case = timeline.lock(share.case)
    live = Q(until_at__isnull=True) | Q(until_at__gt=now)
    if CaseShare.objects.filter(live, pk=share.pk).update(until_at=now):
        outbox.cancel(thing=f"share:{share.uuid}")
        data = {"share": str(share.uuid)}
        timeline.record(case, EventCode.SHARE_ENDED, by=by, now=now, text=str(share), data=data)
        if share.user and share.user_id != case.assignee_id:
            outbox.cancel(about=case.about, recipient=share.user)
    share.refresh_from_db()
    return share


def live_shares(case: Case, *, now: datetime) -> list[CaseShare]:
    """Who the case is open to besides its desk, the newest first."""
    rows = CaseShare.objects.live(now).filter(case=case)
    return list(rows.select_related("user", "organisation", "shared_by").order_by("-pk"))


def units_like(words: str) -> QuerySet[Organisation]:
    """Units whose name, short name or other name holds every word."""
    rows = Organisation.objects.filter(is_active=True)
    for word in words.split()[:5]:
        rows = rows.filter(Q(name__icontains=word) | Q(abbreviation__icontains=word) | Q(aliases__icontains=word))
    return rows.order_by("name")[:10]


def people_like(words: str) -> QuerySet[User]:
    """People who work on cases, found by their name or by the name of their desk, with their offices."""
    offices = Appointment.objects.live()
    found = offices.filter(role__in=roles_granting(Permission.CASE_LOG), user__is_active=True)
    for word in words.split()[:5]:
        found = found.filter(
            Q(user__full_name__icontains=word)
            | Q(organisation__name__icontains=word)
            | Q(organisation__abbreviation__icontains=word)
        )
    rows = User.objects.filter(Exists(found.filter(user=OuterRef("pk")))).order_by("full_name")
    return rows.prefetch_related(Prefetch("appointments", offices.select_related("organisation")))[:20]


def _check_person(case: Case, to: User) -> None:
    if not to.is_active:
        raise Refused(_("This account is switched off. Choose someone else."))
    if to.pk == case.assignee_id:
        raise Refused(_("This relawan already carries the case."))


def _check_unit(case: Case, to: Organisation) -> None:
    if case.is_restricted:
        raise Refused(_("A restricted case is opened to people by name, not to a unit."))
    if Closure.objects.filter(descendant=to.pk, ancestor__in=_barred(case)).exists():
        raise Refused(_("This case is hidden from that unit."))


def _barred(case: Case):
    return case.casebars.filter(ended_at__isnull=True).values("organisation")
