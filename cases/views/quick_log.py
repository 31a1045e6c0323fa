"""The quick log, what it whispers while one types, the page after saving, and what the phone keeps without signal."""

import hashlib
import json
import re
from functools import cache
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.core.cache import cache as shared_cache
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import View

from cases.forms.quick_log import QuickLogForm, parent_for, taken_over
from cases.models import Case, EmergencyLine, ProblemType, SkaEntry
from cases.rules import masking, triage
from cases.rules.codes import FollowUpState, PartyRole, Urgency
from cases.rules.errors import Refused, Stale
from cases.services import attachments, duplicates, editing, intake, ska
from cases.views import gate
from cases.views.case_form import used_key
from members.models import AccessLog, Organisation, User
from members.rules.numbers import NumberKind
from members.rules.roles import Permission, Role
from members.services import coordinators, places

#: What the phone keeps so that the quick log opens without signal; the scripts import each other by these names.
KEPT = (
    "vendor/bootstrap/bootstrap.min.css",
    "css/tokens.css",
    "css/kawal.css",
    "icons/sprite.svg",
    "icons/favicon.svg",
    "js/shell.js",
    "js/offline.js",
    "js/quick_log.js",
    "js/draft.js",
    "js/draft_card.js",
    "js/photo.js",
    "js/send.js",
)
MOST_SUGGESTED = 6


def may_log(user: User) -> bool:
    return bool(user.live_roles & {Role.ADVOCATE, Role.COORDINATOR})


def wants_json(request: HttpRequest) -> bool:
    """Whether our own script asks: it wants to know where to go, not to be sent there."""
    return request.headers.get("Accept", "").startswith("application/json")


class QuickLog(View):
    """Log a case: GET the form, POST it; with a script the answer is where to go, without one a redirect."""

    def get(self, request):
        parent = parent_for(request.user, _uuid(request.GET.get("induk")))
        initial = taken_over(parent) if parent else _from_ska(request)
        return self._page(request, QuickLogForm(user=request.user, initial=initial))

    def post(self, request):
        form = QuickLogForm(request.POST, request.FILES, user=request.user)
        if not form.is_valid():
            return self._page(request, form)
        asked_at = timezone.now()
        try:
            case = intake.open_case(by=request.user, **form.given())
        except Refused as refusal:
            form.add_error(None, refusal.message)
            return self._page(request, form)
        if case.created_at < asked_at and case.story != masking.mask(form.cleaned_data["story"].strip()):
            messages.warning(request, _("Saved before. What you changed since is not in it: change it on the case."))
        ska.became(form.cleaned_data["ska"], case=case, by=request.user)
        self._keep_photo(request, form, case)
        url = reverse("cases:logged", args=[case.uuid])
        return JsonResponse({"url": url, "number": case.number}) if wants_json(request) else redirect(url)

    def _keep_photo(self, request, form, case: Case) -> None:
        """A photo that cannot be read never costs the case: the next page says so."""
        photo = form.cleaned_data["photo"]
        if not photo:
            return
        try:
            attachments.add(case=case, upload=photo, by=request.user, submit_key=form.cleaned_data["submit_key"])
        except Refused as refusal:
            messages.warning(request, _("The photo was not kept. %(why)s") % {"why": refusal.message})

    def _page(self, request, form: QuickLogForm) -> HttpResponse:
        if not form.desks and not may_log(request.user):
            raise Http404
        return render(request, "cases/quick_log.html", quick_log_context(form, request.user))


def _from_ska(request: HttpRequest) -> dict:
    """What a consultation already says, where the reader writes for its desk."""
    asked = _uuid(request.GET.get("ska"))
    rows = SkaEntry.objects.permitted(request.user, Permission.CASE_LOG).select_related("desk")
    entry = rows.filter(uuid=asked, case__isnull=True).first() if asked else None
    return {"story": entry.topic, "desk": str(entry.desk.uuid), "ska": entry.uuid} if entry else {}


def quick_log_context(form: QuickLogForm, user: User | None) -> dict:
    """What the form's page shows beside the form; without a user only what everyone may know."""
    parent = parent_for(user, _uuid(str(form["parent"].value() or "")))
    return {
        "form": form,
        "parent": parent,
        "lines": _lines(),
        "duty": on_duty(form.desks, user) if user else [],
        "open_folds": form.folds_to_open() if form.is_bound else set(),
        "shell": user is None,
    }


def _lines() -> list[dict]:
    """Numbers to call, with the first words of what answers: the rest is for the catalogue."""
    rows = EmergencyLine.objects.all()
    return [{"phone": row.phone, "short": re.split(r"[,(]", row.label)[0].strip()} for row in rows]


def on_duty(desks: list[Organisation], user: User | None) -> list[User]:
    """The two nearest coordinators of a desk who can be called; the reader is not among them."""
    tiers = coordinators.tiers([desk.pk for desk in desks[:1]], on=timezone.localdate())
    nearest = [person for levels in tiers.values() for level in levels for person in level]
    return [person for person in nearest if person.whatsapp and person != user][:2]


# --- While one types ---------------------------------------------------------------------------------------------------


@require_POST
def similar(request: HttpRequest) -> HttpResponse:
    """A fragment: cases that may be the same (only what the reader may see), and the numbers found in the story."""
    if not may_log(request.user):
        raise Http404
    post = request.POST
    story = post.get("story", "")[:20_000]
    clues = duplicates.clues_of(
        story=story,
        phones=_values(post, "_phone"),
        numbers=[value for kind in NumberKind.values for value in _values(post, f"_{kind}")],
        names=_values(post, "_name"),
        place=places.by_uuid(post.get("place_body", ""), post.get("place", "")),
    )
    hits = duplicates.find(request.user, clues)
    _note_search(request, hits)
    found = masking.find(story)
    return render(request, "cases/_quick_log_hints.html", {"hits": hits, "found": _where_to(found, post)})


def _values(post, ending: str) -> list[str]:
    return [value[:200] for name, value in post.items() if name.endswith(ending) and value.strip()][:12]


def _where_to(found: list[masking.Found], post) -> list[dict]:
    """The numbers of the story, masked, and whose they will be."""
    holders = []
    for role in (PartyRole.REPORTER, PartyRole.PATIENT, PartyRole.INSURED, PartyRole.WORKER):
        is_me = post.get(f"{role}_is") == "me"
        phone = post.get(f"{role}_phone", "").strip()
        if (
            is_me
            or phone
            or post.get(f"{role}_name", "").strip()
            or (role == PartyRole.REPORTER and post.get("reporter_is") not in {"", "unknown", None})
        ):
            holders.append(masking.Holder(role, is_me, {masking.PHONE: {phone}} if phone else {}))
    words = {masking.NAMELESS: _("another contact")} | {role.value: str(role.label) for role in PartyRole}
    kinds = {masking.PHONE: _("Phone")} | {kind.value: str(kind.label) for kind in NumberKind}
    return [
        {"kind": kinds[str(item.kind)], "masked": item.masked, "whose": words[str(holder.role)]}
        for item, holder in masking.share_out(found, holders, from_story=True)
    ]


def _note_search(request: HttpRequest, hits: list[duplicates.Hit]) -> None:
    """One row of the access log for each new set of hits of this session, not for every letter typed."""
    told = sorted(str(hit.case.uuid)[:8] for hit in hits)
    if told and request.session.get("similar") != told:
        request.session["similar"] = told
        gate.log(request, AccessLog.Action.SEARCH, kind="similar", hits=len(hits))


@require_POST
def suggest_places(request: HttpRequest) -> HttpResponse:
    """A fragment: facilities and offices, or cities and regencies, whose names hold what was typed."""
    if not may_log(request.user):
        raise Http404
    words = request.POST.get("q", "").strip()[:100]
    kind = "region" if request.POST.get("kind") == "region" else "place"
    rows = []
    if len(words) >= 2:
        rows = places.search_regions(words) if kind == "region" else places.search(words)
    return render(request, "cases/_quick_log_places.html", {"rows": rows[:MOST_SUGGESTED], "kind": kind})


@require_POST
def offer_help(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """ "Bantu": what was typed becomes a note on the case that is there already, and its carrier is told."""
    case = gate.case_or_404(request, uuid, Permission.CASE_VIEW)
    key = _uuid(request.POST.get("submit_key"))
    text = request.POST.get("story", "")[:20_000]
    if phone := request.POST.get("reporter_phone", "").strip()[:25]:
        text = f"{text}\n{_('Phone of the reporter')}: {phone}"
    keep = request.POST.get("numbers") != "drop"
    try:
        duplicates.offer_help(case=case, by=request.user, text=text, keep_numbers=keep, submit_key=key)
        messages.success(request, _("Your help was offered on %(number)s.") % {"number": case.number})
    except IntegrityError as error:
        messages.error(request, used_key(error).message)
    url = reverse("cases:case-detail", args=[case.uuid])
    return JsonResponse({"url": url, "number": case.number}) if wants_json(request) else redirect(url)


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value or "")
    except ValueError:
        return None


# --- After saving -----------------------------------------------------------------------------------------------------


class Logged(View):
    """Saved: the number, what happens next and when, who is responsible, what may be added."""

    def get(self, request, uuid):
        case = gate.case_or_404(request, uuid, Permission.CASE_VIEW)
        first = case.follow_ups.filter(state=FollowUpState.OPEN).order_by("due_at").select_related("owner").first()
        clues = duplicates.same_story(case)
        is_emergency = case.urgency == Urgency.EMERGENCY
        context = {
            "case": case,
            "first": first,
            "hits": duplicates.find(request.user, clues, besides=case),
            "missing": _missing(case),
            "guess": _guess(case),
            "lines": _lines() if is_emergency else [],
            "duty": on_duty([case.desk], request.user) if is_emergency or case.assignee is None else [],
            "share": _share_text(case, first),
        }
        return render(request, "cases/logged.html", context)

    def post(self, request, uuid):
        """Use a suggestion: a problem type, or an urgency."""
        case = gate.case_or_404(request, uuid, Permission.CASE_WORK)
        changes: dict = {}
        problems = None
        if code := request.POST.get("problem"):
            problem = ProblemType.objects.filter(code=code).first()
            if problem is None:
                raise Http404
            changes["problem_type"], problems = problem, [problem, *case.problem_types.all()]
        if request.POST.get("urgency") in Urgency.values:
            changes["urgency"] = request.POST["urgency"]
        try:
            editing.edit(case=case, changes=changes, version=case.version, by=request.user, problem_types=problems)
        except Stale as stale:
            messages.error(request, stale.message)
        return redirect("cases:logged", uuid=uuid)


def _guess(case: Case) -> dict:
    """What the words of the story hint at, where nothing was chosen."""
    guess: dict = {}
    if case.problem_type_id is None:
        rows = {row.pk: row for row in ProblemType.objects.all()}
        found = triage.guess_problems(case.story, {pk: row.words for pk, row in rows.items()})
        guess["problems"] = [rows[pk] for pk in found]
    if case.urgency == Urgency.UNKNOWN:
        likely = triage.guess_urgency(case.story)
        if likely:
            guess["urgency"] = Urgency(likely)
    return guess


def _missing(case: Case) -> list[dict]:
    """What is not known yet, most needed first, with where to add it."""
    people = reverse("cases:people", args=[case.uuid])
    edit = reverse("cases:case-edit", args=[case.uuid])
    rows = list(case.parties.select_related("person").prefetch_related("person__contacts", "person__identifiers"))
    by_role = {party.role: party for party in rows}
    reporter, patient = by_role.get(PartyRole.REPORTER), by_role.get(PartyRole.PATIENT)
    can_call = any(party.person.contacts.all() or party.user_id for party in rows)

    def add(role: str) -> str:
        return f"{people}?peran={role}"

    def change(party) -> str:
        return reverse("cases:party-edit", args=[party.uuid])

    missing = []
    if not can_call:
        url = change(reporter) if reporter else add(PartyRole.REPORTER)
        missing.append({"label": _("A phone to call back"), "icon": "telephone", "url": url})
    if patient is None or not (patient.person.full_name or patient.user_id):
        url = change(patient) if patient else add(PartyRole.PATIENT)
        missing.append({"label": _("Name of the patient"), "icon": "person", "url": url})
    if case.place_id is None:
        missing.append({"label": _("Which facility or office"), "icon": "hospital", "url": edit})
    if case.problem_type_id is None:
        missing.append({"label": _("What kind of problem"), "icon": "tag", "url": edit})
    if case.urgency == Urgency.UNKNOWN:
        missing.append({"label": _("How serious it is"), "icon": "exclamation-circle", "url": edit})
    if patient and not patient.person.identifiers.all():
        missing.append({"label": _("NIK or JKN card number"), "icon": "credit-card", "url": change(patient)})
    if not case.attachments.exists():
        url = reverse("cases:attachment-add", args=[case.uuid])
        missing.append({"label": _("Photo of a letter or card"), "icon": "camera", "url": url})
    return missing


def _share_text(case: Case, first) -> str:
    """A message that says that the case is carried, and nothing of whom."""
    link = f"{settings.SITE_URL}{reverse('cases:case-detail', args=[case.uuid])}"
    return render_to_string("cases/logged_share.txt", {"case": case, "first": first, "link": link}).strip()


# --- Without signal ----------------------------------------------------------------------------------------------------


@require_GET
def fresh_token(request: HttpRequest) -> JsonResponse:
    """A token for a form that stood open through a sign-in, and whose session it now is."""
    return JsonResponse({"token": get_token(request), "user": str(request.user.uuid)})


@login_not_required
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    """The empty quick log that a phone keeps: no desk, no user, no token, no data of anyone."""
    return render(
        request, "cases/quick_log_shell.html", quick_log_context(QuickLogForm(initial={"submit_key": ""}), None)
    )


@login_not_required
@require_GET
def offline_page(request: HttpRequest) -> HttpResponse:
    """What opens in place of any other page without signal."""
    return render(request, "cases/quick_log_offline.html")


@login_not_required
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker that keeps the quick log at hand; a change of what it keeps changes its text, and so replaces it."""
    language = translation.get_language()
    key = f"service-worker:{language}:{_worker_source_hash()}"
    text = shared_cache.get(key)
    if text is None:
        pages = [reverse("cases:quick-log-shell"), reverse("cases:offline")]
        kept = [static(name) for name in KEPT]
        looks = "".join([*kept, shell(request).content.decode(), offline_page(request).content.decode()])
        version = hashlib.sha256((looks + _worker_source_hash()).encode()).hexdigest()[:12]
        told = {
            "version": version,
            "files": kept,
            "pages": pages,
            "static": settings.STATIC_URL,
            "log": reverse("cases:quick-log"),
        }
        text = f"const KAWAL = {json.dumps(told)};\n{_worker_source()}"
        shared_cache.set(key, text, 60)
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/"
    return response


@cache
def _worker_source() -> str:
    with open(finders.find("js/sw.js"), encoding="utf-8") as file:
        return file.read()


def _worker_source_hash() -> str:
    return hashlib.sha256(_worker_source().encode()).hexdigest()[:12]
