"""People on a case: who they are, how to reach them, and the acts that open names and numbers."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote
from uuid import uuid4

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from cases.forms.people import ME, NEW, NUMBERS, PartyAddForm, PartyEditForm
from cases.models import Case, CaseParty, Event
from cases.reports import trail
from cases.rules.codes import EventCode, Relation
from cases.rules.errors import Refused
from cases.rules.sharing import Draft
from cases.services import parties, sharing
from cases.services.rights import Rights
from cases.views.case_form import used_key
from cases.views.gate import case_or_404, log, party_or_404
from cases.views.merging import MergingPage
from members.models import AccessLog, Contact, Identifier, Person, User
from members.rules import words
from members.rules.numbers import warnings_for
from members.rules.roles import Permission
from members.views.sessions import sign_in_again, signed_in_of_late

#: How long names stay open after somebody who does not carry the case opened them.
NAMES_OPEN_FOR = timedelta(minutes=10)
_OF_PERSON = frozenset({"full_name", "role", "relation", "age_text", "gender"})
_OPENED, _SHOWN_NUMBER = "opened_names", "shown_number"

#: Why somebody opens a number or a name; the code stands in the access log.
REASONS: dict[str, Promise] = {
    "letter": gettext_lazy("to write a letter"),
    "membership": gettext_lazy("to check membership"),
    "identify": gettext_lazy("to be sure who it is"),
    "other": gettext_lazy("another reason"),
}
#: What the trail says of openings and exports for which nobody chose a reason from a list.
OTHER_REASONS: dict[str, Promise] = {"no_consent": gettext_lazy("shared without consent")}


@dataclass
class Number:
    """An identity number on the page: masked, or once in full after it was opened."""

    pk: int
    kind: str
    text: str
    is_shown: bool
    warnings: list[str]


@dataclass
class PhoneRow:
    """A phone with the two addresses that hold it."""

    text: str
    number: str
    call_url: str
    whatsapp_url: str
    is_safe: bool
    note: str


@dataclass
class PersonRow:
    """A person on the case with every role they hold."""

    party: CaseParty
    name: str
    is_me: bool
    roles: list[str] = field(default_factory=list)
    phones: list[PhoneRow] = field(default_factory=list)
    has_phone: bool = False
    numbers: list[Number] = field(default_factory=list)

    @property
    def about(self) -> str:
        """What stands under the name: "pasien, peserta · istri atau suami · 46 tahun"."""
        relation = self.party.relation
        said = Relation(relation).label if relation and relation != Relation.SELF else ""
        return " · ".join(filter(None, [", ".join(self.roles), str(said), self.party.person.age_text]))


def names_open(case: Case, user: User, request: HttpRequest) -> bool:
    """Whether names stand on the page: for who carries the case, or for ten minutes after a logged reveal (ADR 14)."""
    if request.session.get("identity_locked"):
        return False
    if case.assignee_id == user.pk:
        return True
    opened = request.session.get(_OPENED, {}).get(str(case.uuid))
    return bool(opened) and timezone.now() - datetime.fromisoformat(opened) < NAMES_OPEN_FOR


def people_context(case: Case, user: User, request: HttpRequest, rights: Rights) -> dict:
    """What `cases/_people.html` needs; a number that was just opened is shown by this call and by no later one."""
    is_open = names_open(case, user, request)
    shown = request.session.pop(_SHOWN_NUMBER, None)
    return {
        "people": _rows(case, user, is_open=is_open, shown=shown),
        "names_open": is_open,
        "identity_locked": bool(request.session.get("identity_locked")),
        "may_change_people": rights.work,
        "reasons": REASONS.items(),
        "place_phone": case.place.phone if case.place else "",
        "place_call": _digits(case.place.phone) if case.place else "",
        "trail": trail.over(case) if rights.assign else None,
    }


def whatsapp_link(number: str, text: str) -> str:
    """The address that opens WhatsApp with a text; without a number the reader chooses the contact there."""
    return f"https://wa.me/{number.removeprefix('+')}?text={quote(text)}"


@dataclass
class Reachable:
    """A phone of somebody on the case that WhatsApp can open."""

    party: CaseParty
    at: int
    label: str
    number: str


def reachable(case: Case, user: User) -> list[Reachable]:
    """Whom a message can go to; only for who may see names."""
    found = []
    for row in _rows(case, user, is_open=True, shown=None):
        phones = [phone for phone in row.phones if phone.number and phone.is_safe]
        for at, phone in enumerate(phones, 1):
            label = f"{row.name} ({', '.join(row.roles)})" + (f" {at}" if len(phones) > 1 else "")
            found.append(Reachable(row.party, at, label, phone.number))
    return found


def _rows(case: Case, user: User, *, is_open: bool, shown: int | None) -> list[PersonRow]:
    rows: dict[int, PersonRow] = {}
    draft = ""
    found = case.parties.select_related("person").prefetch_related("person__contacts", "person__identifiers")
    names = [party.person.full_name for party in found]
    for party in found:
        person = party.person
        row = rows.get(person.pk)
        if row is None:
            row = rows[person.pk] = PersonRow(party, _called(person, is_open), is_me=party.user_id == user.pk)
            contacts = sorted(person.contacts.all(), key=lambda contact: contact.pk)
            row.has_phone = bool(contacts)
            if is_open and contacts:
                draft = draft or sharing.draft(case, Draft.PAPERS, names=names)
                row.phones = [_phone(contact, draft) for contact in contacts]
            row.numbers = [_number(number, shown) for number in person.identifiers.all()]
        row.roles.append(str(party.get_role_display()).lower())
        row.is_me = row.is_me or party.user_id == user.pk
    return list(rows.values())


def _called(person: Person, is_open: bool) -> str:
    if not person.full_name:
        return _("Name not known yet")
    return person.full_name if is_open else person.initials or _("Name kept")


def _phone(contact: Contact, draft: str) -> PhoneRow:
    international = contact.value.startswith("+")
    return PhoneRow(
        text=words.phone(contact.value),
        number=contact.value if international else "",
        call_url=f"tel:{contact.value}",
        whatsapp_url=whatsapp_link(contact.value, draft) if international else "",
        is_safe=contact.is_safe,
        note=contact.note,
    )


def _number(number: Identifier, shown: int | None) -> Number:
    is_shown = number.pk == shown
    return Number(
        pk=number.pk,
        kind=str(number.get_kind_display()),
        text=number.value if is_shown else number.masked,
        is_shown=is_shown,
        warnings=[str(warning) for warning in warnings_for(number.kind, number.value)],
    )


def people_url(case: Case) -> str:
    """The people on the page of a case."""
    return f"{reverse('cases:case-detail', args=[case.uuid])}#orang"


def _say_saved(request: HttpRequest, odd: list[str]) -> None:
    """What looks wrong is said once the person is saved: nothing is refused for it."""
    messages.success(request, _("Saved."))
    if odd:
        messages.warning(request, _("Please check: %(odd)s") % {"odd": " ".join(odd)})


def _digits(phone: str) -> str:
    return "".join(char for char in phone if char in "+0123456789")


def _locked(request: HttpRequest) -> bool:
    return bool(request.session.get("identity_locked"))


def _back_to(request: HttpRequest, case: Case) -> str:
    """Where the form came from, when that is a page of ours; else the people of the case."""
    given = request.POST.get("next", "")
    if given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None):
        return given
    return people_url(case)


def _reason(request: HttpRequest) -> str:
    given = request.POST.get("reason", "")
    return given if given in REASONS else ""


@require_POST
def reveal(request, uuid):
    """Open the names of a case for ten minutes; the opening is logged. A restricted case asks for a reason."""
    case = case_or_404(request, uuid, Permission.CASE_VIEW)
    back = _back_to(request, case)
    if _locked(request):
        return sign_in_again(request, back)
    reason = _reason(request)
    if case.is_restricted and not reason:
        messages.error(request, _("Choose why you open the names."))
        return redirect(back)
    log(request, AccessLog.Action.REVEAL, uuid=case.uuid, reason=reason)
    now = timezone.now()
    opened = request.session.get(_OPENED, {})
    fresh = {key: at for key, at in opened.items() if now - datetime.fromisoformat(at) < NAMES_OPEN_FOR}
    request.session[_OPENED] = {**fresh, str(case.uuid): now.isoformat()}
    return redirect(back)


@require_POST
def reveal_number(request, uuid, pk):
    """Show one identity number once, with a reason; the opening is logged (TRUST R22)."""
    party = party_or_404(request, uuid, Permission.CASE_VIEW)
    back = _back_to(request, party.case)
    number = party.person.identifiers.filter(pk=pk).first()
    if number is None:
        messages.error(request, _("This number is no longer kept."))
        return redirect(back)
    if _locked(request):
        return sign_in_again(request, back)
    if not (reason := _reason(request)):
        messages.error(request, _("Choose why you open the number."))
        return redirect(back)
    if not signed_in_of_late(request):
        return sign_in_again(
            request, back, _("A number opens only shortly after signing in. Sign in again, then open it.")
        )
    log(request, AccessLog.Action.REVEAL_NUMBER, kind="party", uuid=party.uuid, reason=f"{number.kind}:{reason}")
    request.session[_SHOWN_NUMBER] = number.pk
    return redirect(back)


class PeopleAdd(FormView):
    """Put somebody on the case."""

    form_class = PartyAddForm
    template_name = "cases/people_add.html"

    def dispatch(self, request, *args, **kwargs):
        self.case = case_or_404(request, kwargs["uuid"], Permission.CASE_WORK)
        self.names_open = names_open(self.case, request.user, request)
        if self.names_open and request.method == "GET":
            log(request, AccessLog.Action.OPEN_IDENTITY, uuid=self.case.uuid)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        return {"submit_key": uuid4(), "who": NEW, "role": self.request.GET.get("peran", "")}

    def get_form_kwargs(self):
        rows = _rows(self.case, self.request.user, is_open=False, shown=None)
        people = {
            str(row.party.uuid): f"{_called(row.party.person, self.names_open)} ({', '.join(row.roles)})"
            for row in rows
            if row.party.person.full_name
        }
        return {**super().get_form_kwargs(), "people": people, "cancel": people_url(self.case)}

    def get_context_data(self, **kwargs):
        return super().get_context_data(case=self.case, case_url=people_url(self.case), **kwargs)

    def form_valid(self, form):
        user, given = self.request.user, form.cleaned_data
        who: dict = {"full_name": given["full_name"]}
        if given["who"] == ME:
            mine = self.case.parties.filter(user=user).select_related("person").first()
            who = {"person": mine and mine.person, "user": user, "full_name": given["full_name"] or user.full_name}
        elif given["who"] != NEW:
            who = {"person": self.case.parties.select_related("person").get(uuid=given["who"]).person}
        phone = given["phone"] or (user.whatsapp if given["who"] == ME else "")
        try:
            parties.add(
                case=self.case,
                role=given["role"],
                relation=given["relation"],
                by=user,
                phone=phone,
                age_text=given["age_text"],
                gender=given["gender"],
                numbers=form.numbers,
                submit_key=given["submit_key"],
                **who,
            )
        except Refused as refusal:
            form.add_error("role", refusal.message)
            return self.form_invalid(form)
        except IntegrityError as error:
            form.add_error(None, used_key(error).message)
            return self.form_invalid(form)
        _say_saved(self.request, form.odd())
        return redirect(people_url(self.case))


class PartyEdit(MergingPage):
    """Correct what is known of a person, where names are open; what others changed meanwhile is kept."""

    form_class = PartyEditForm
    template_name = "cases/party_edit.html"
    anchor = "orang"

    def dispatch(self, request, *args, **kwargs):
        self.party = party_or_404(request, kwargs["uuid"], self.permission)
        if not names_open(self.party.case, request.user, request):
            if _locked(request):
                return sign_in_again(request, request.path)
            messages.error(request, _("Open the names first."))
            return redirect(people_url(self.party.case))
        if request.method == "GET":
            log(request, AccessLog.Action.OPEN_IDENTITY, uuid=self.party.case.uuid)
        return super().dispatch(request, *args, **kwargs)

    def find_case(self):
        return self.party.case

    def back_url(self):
        return people_url(self.case)

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs()
        kwargs.pop("initial")
        return {**kwargs, "party": self.party, "cancel": self.back_url()}

    def form_valid(self, form):
        self.form = form
        return super().form_valid(form)

    def values_now(self):
        self.party = party_or_404(self.request, self.kwargs["uuid"], self.permission)
        return self.form.now(self.party)

    def typed(self, form):
        return form.typed()

    def said(self, name, value):
        if isinstance(value, bool):
            return _("do not call") if value else _("safe to call")
        choices = dict(getattr(self.form.fields[name], "choices", []))
        shown = words.phone(value) if name.startswith("phone_") else str(choices.get(value, value))
        return shown or _("empty")

    def store(self, form, changes):
        parties.edit(
            party=self.party,
            by=self.request.user,
            version=self.party.person.version,
            changes={name: changes[name] for name in changes if name in _OF_PERSON},
            phones=form.phones(changes, form.now(self.party)),
            numbers={kind: changes[kind] for kind in NUMBERS if kind in changes},
            now=self.now,
        )
        if odd := form.odd():
            messages.warning(self.request, _("Please check: %(odd)s") % {"odd": " ".join(odd)})

    def last_saved(self) -> Event | None:
        rows = self.case.events.filter(type__code=EventCode.PARTY_EDITED, data__party=str(self.party.uuid))
        return rows.select_related("logged_by").order_by("-pk").first()
