"""Members of the unions: the list, one of them, what is added to them, and whose payments run out (ADR 13)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from members.forms.moments import DayField
from members.forms.people import (
    CoverForm,
    HouseholdForm,
    MembershipForm,
    NewPersonForm,
    PeopleFilter,
    PersonForm,
    WorkForm,
)
from members.models import AccessLog, CoverRow, Membership, Person
from members.services import people, twins
from members.views.pages import ServicePage, log, or_404

PER_PAGE = 50
#: More members than this are searched and filtered, not leafed through.
CAP = 1000


class CappedPaginator(Paginator):
    """Counts no further than ``CAP``: over a million rows that takes seconds, and nobody leafs so far."""

    @cached_property
    def found(self) -> int:
        return self.object_list.order_by().values("pk")[: CAP + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.found, CAP)

    @property
    def is_capped(self) -> bool:
        return self.found > CAP


def person_or_404(request, uuid) -> Person:
    """The person, where they are a member in this user's reach."""
    return or_404(request, people.seen_by(request.user).select_related("region"), "person", uuid)


class MembersGate:
    """Whoever keeps no members anywhere finds nothing here; names are opened after the pledge alone."""

    def dispatch(self, request, *args, **kwargs):
        if not people.organisations_of(request.user).exists():
            raise Http404
        if request.user.must_pledge:
            return redirect(f"{reverse('members:pledge')}?{urlencode({'next': request.path})}")
        return super().dispatch(request, *args, **kwargs)


class PeopleList(MembersGate, TemplateView):
    """The members in reach, by initials; a search by hand is a POST and stands in no address."""

    template_name = "members/people.html"

    def post(self, request, *args, **kwargs):
        text = request.POST.get("q", "")[:100].strip()
        rows = people.find(request.user, text) if text else Person.objects.none()
        found = list(rows.order_by("full_name", "pk")[:PER_PAGE])
        log(request, AccessLog.Action.SEARCH, kind="person", hits=len(found))
        return self.render_to_response(self.get_context_data(found=found, searched=bool(text)))

    def get_context_data(self, **kwargs):
        form = PeopleFilter(self.request.GET)
        rows = form.apply(people.seen_by(self.request.user)).order_by("full_name", "pk")
        rows = rows.prefetch_related("memberships__organisation", "employments__sector")
        page = CappedPaginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        lapses = people.lapsing(self.request.user, today=timezone.localdate()).count()
        return super().get_context_data(form=form, page_obj=page, lapses=lapses, **kwargs)


class PersonPage(MembersGate, TemplateView):
    """One member: the name stands here in full, and the opening is noted."""

    template_name = "members/person.html"

    def get(self, request, *args, **kwargs):
        if stays := twins.that_stays(kwargs["uuid"], by=request.user):
            return redirect("members:person", stays.uuid)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        person = person_or_404(self.request, self.kwargs["uuid"])
        log(self.request, AccessLog.Action.OPEN_IDENTITY, kind="person", uuid=person.uuid)
        mine = people.organisations_of(self.request.user)
        newest = set(CoverRow.objects.latest().filter(person=person).values_list("pk", flat=True))
        covers = list(person.covers.select_related("employer", "facility"))
        return super().get_context_data(
            person=person,
            numbers=person.identifiers.order_by("kind", "pk"),
            phones=person.contacts.all(),
            memberships=person.memberships.select_related("organisation"),
            own=set(person.memberships.filter(organisation__in=mine).values_list("pk", flat=True)),
            offices=person.offices.select_related("organisation", "body"),
            employments=person.employments.select_related("employer", "user_company", "sector"),
            covers=[row for row in covers if row.pk in newest],
            earlier=[row for row in covers if row.pk not in newest],
            households=person.households.select_related("household"),
            flags=person.vulnerabilities.select_related("vulnerability"),
            today=timezone.localdate(),
            twins=twins.like(person, self.request.user),
            merges=twins.of(person),
            **kwargs,
        )


class _PersonForm(MembersGate, ServicePage):
    template_name = "members/person_form.html"
    title = gettext_lazy("Add")

    def dispatch(self, request, *args, **kwargs):
        self.person = person_or_404(request, kwargs["uuid"]) if "uuid" in kwargs else None
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(title=self.title, person=self.person, back_url=self.get_success_url(), **kwargs)

    def get_success_url(self):
        if self.person is None or not self.person.pk:
            return reverse("members:people")
        return reverse("members:person", args=[self.person.uuid])

    def said(self, warnings):
        for each in warnings:
            messages.warning(self.request, each)
        messages.success(self.request, _("Saved."))


class PersonAdd(_PersonForm):
    """A new member."""

    form_class = NewPersonForm
    title = gettext_lazy("New member")

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "user": self.request.user}

    def save(self, form):
        given = form.cleaned_data
        person = Person(**{name: given[name] for name in ("full_name", "gender", "born_on", "region")})
        twin = next((person for kind, value in form.numbers if kind == "nik" and value.strip()
                     for person in people.find(self.request.user, value)), None)  # fmt: skip
        warnings = people.save_identity(
            person, numbers=form.numbers, phone=given["phone"], phone_is_safe=given["phone_is_safe"],
            vulnerabilities=given["vulnerabilities"],
        )  # fmt: skip
        people.join(
            person=person, organisation=given["organisation"], number=given["number"], from_on=given["from_on"],
            by=self.request.user,
        )  # fmt: skip
        if twin:
            warnings.append(_("Somebody else is known by this NIK. Check both cards."))
        self.person = person
        self.said(warnings)


class PersonEdit(_PersonForm):
    """Change who somebody is; numbers typed here are added, those known stay."""

    form_class = PersonForm
    title = gettext_lazy("Change")

    def get_initial(self):
        row = self.person
        flags = row.vulnerabilities.values_list("vulnerability", flat=True)
        known = {name: getattr(row, name) for name in ("full_name", "gender", "born_on")}
        return {**known, "region": str(row.region or ""), "vulnerabilities": list(flags)}

    def save(self, form):
        given, person = form.cleaned_data, self.person
        for name in ("full_name", "gender", "born_on", "region"):
            setattr(person, name, given[name])
        self.said(
            people.save_identity(
                person,
                numbers=form.numbers,
                phone=given["phone"],
                phone_is_safe=given["phone_is_safe"],
                vulnerabilities=given["vulnerabilities"],
            )
        )


class MembershipAdd(_PersonForm):
    form_class = MembershipForm
    title = gettext_lazy("Add a membership")

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "user": self.request.user}

    def save(self, form):
        people.join(person=self.person, by=self.request.user, **form.cleaned_data)
        self.said([])


class WorkAdd(_PersonForm):
    form_class = WorkForm
    title = gettext_lazy("Add work")

    def save(self, form):
        people.note_work(person=self.person, **form.values)
        self.said([])


class CoverAdd(_PersonForm):
    form_class = CoverForm
    title = gettext_lazy("Note a check of cover")

    def get_initial(self):
        return {"checked_on": timezone.localdate()}

    def save(self, form):
        people.note_cover(person=self.person, by=self.request.user, **form.values)
        self.said([])


class HouseholdAdd(_PersonForm):
    form_class = HouseholdForm
    title = gettext_lazy("Put on a family card")

    def save(self, form):
        people.put_in_household(person=self.person, **form.cleaned_data)
        self.said([])


@require_POST
def membership_end(request, uuid, pk):
    """End a membership; without a day, today is the last one."""
    person = person_or_404(request, uuid)
    row = person.memberships.filter(pk=pk, organisation__in=people.organisations_of(request.user)).first()
    if row is None:
        raise Http404
    try:
        day = DayField().clean(request.POST.get("on", "")) or timezone.localdate()
        people.leave(membership=row, on=day, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("The membership has ended."))
    return redirect("members:person", uuid)


class CoverLapses(MembersGate, TemplateView):
    """Who pays alone and runs out within seven days, or did so seven days ago."""

    template_name = "members/cover_lapses.html"

    def get_context_data(self, **kwargs):
        today = timezone.localdate()
        rows = list(people.lapsing(self.request.user, today=today)[:500])
        units: dict[int, list[str]] = {}
        for row in (
            Membership.objects.on(today)
            .filter(person__in=[row.person_id for row in rows])
            .select_related("organisation")
        ):
            units.setdefault(row.person_id, []).append(str(row.organisation))
        for row in rows:
            row.units = ", ".join(units.get(row.person_id, []))
            row.is_over = row.paid_until < today
        return super().get_context_data(rows=rows, **kwargs)
