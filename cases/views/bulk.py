"""One act on the cases that were picked from the list; and the labels of one case."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from cases.forms.bulk import CaseTagsForm, HandForm, TagForm, UntagForm
from cases.forms.exports import MOST_PICKED, PickedField
from cases.forms.search import CaseListForm
from cases.rules.errors import Refused
from cases.services import bulk, tags
from cases.services.bulk import Act
from cases.views.case_form import CaseFormPage
from cases.views.lists import with_query
from members.rules.roles import PLEDGE_ROLES

#: What each act is called on its page, and what it does, in a sentence.
WORDS = {
    Act.ASSIGN: (
        gettext_lazy("Assign cases"),
        gettext_lazy("They are theirs as soon as you confirm. Their plans go along, and open offers fall away."),
    ),
    Act.OFFER: (
        gettext_lazy("Hand over cases"),
        gettext_lazy("Until they are accepted, the cases stay with who carries them."),
    ),
    Act.TAG: (gettext_lazy("Label cases"), gettext_lazy("The list can then be filtered by this label.")),
    Act.UNTAG: (gettext_lazy("Take a label off"), gettext_lazy("Other labels and the cases stay as they are.")),
}
_SHOWN = 10


class Bulk(FormView):
    """What will happen, to how many cases and to which not; then one button that says the count."""

    http_method_names = ["post", "options"]
    template_name = "cases/bulk.html"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not PLEDGE_ROLES & set(request.user.live_roles):
            raise Http404
        self.now = timezone.now()
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def act(self) -> str:
        given = self.request.POST.get("act", "")
        return given if given in Act.values else Act.TAG

    @cached_property
    def filters(self) -> CaseListForm:
        return CaseListForm(self.request.GET, user=self.request.user)

    @cached_property
    def picked(self) -> list[UUID]:
        """The cases ticked; or all that the list shows, as far as one act goes."""
        if self.request.POST.get("semua"):
            shown = self.filters.shown(self.now).order_by("pk")
            return list(shown.values_list("uuid", flat=True)[:MOST_PICKED])
        return PickedField().clean(self.request.POST.getlist("kasus"))

    @cached_property
    def found(self) -> bulk.Sorted:
        return bulk.sort_out(self.picked, self.act, by=self.request.user)

    def list_url(self) -> str:
        return with_query(reverse("cases:case-list"), self.request)

    def post(self, request, *args, **kwargs):
        if not self.found.ready and not self.found.refused:
            messages.warning(request, _("Tick at least one case."))
            return redirect(with_query(reverse("cases:case-list"), request, pilih="1"))
        if "confirm" not in request.POST:
            return self.render_to_response(self.get_context_data(form=self.form(None)))
        form = self.form(request.POST)
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def form(self, data):
        if self.act == Act.TAG:
            known = [label for label, _word in self.filters.fields["label"].choices if label]
            return TagForm(data, known=known)
        if self.act == Act.UNTAG:
            return UntagForm(data, labels=bulk.labels_on(self.found.ready))
        people = bulk.people(self.found.ready, now=self.now)
        return HandForm(data, people=people, me=self.request.user)

    def get_context_data(self, **kwargs):
        title, does = WORDS[Act(self.act)]
        ready = self.found.ready
        return super().get_context_data(
            act_code=self.act,
            title=title,
            does=does,
            count=len(ready),
            shown=ready[:_SHOWN],
            more=len(ready) - _SHOWN if len(ready) > _SHOWN else 0,
            refused=self.found.refused[:_SHOWN],
            refused_more=max(len(self.found.refused) - _SHOWN, 0),
            picked=",".join(str(case.uuid) for case in ready),
            most=MOST_PICKED if len(self.picked) >= MOST_PICKED else 0,
            back_url=with_query(reverse("cases:case-list"), self.request, pilih="1"),
            **kwargs,
        )

    def form_valid(self, form):
        given, user = form.cleaned_data, self.request.user
        batch = given["submit_key"] or form.fields["submit_key"].initial()
        try:
            if self.act == Act.TAG:
                done = bulk.tag(picked=self.picked, label=given["label"], by=user, batch=batch, now=self.now)
            elif self.act == Act.UNTAG:
                done = bulk.untag(picked=self.picked, label=given["label"], by=user, batch=batch, now=self.now)
            else:
                done = bulk.hand(
                    picked=self.picked,
                    act=self.act,
                    to=form.chosen,
                    reason=given["reason"],
                    by=user,
                    batch=batch,
                    now=self.now,
                )
        except Refused as refused:
            form.add_error(None, refused.message)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        undo = reverse("cases:bulk-undo", args=[batch])
        if done.count:
            messages.success(self.request, said(self.act, done.count), extra_tags=f"undo {undo}")
        if done.refused:
            why = "; ".join(f"{case.number}: {word}" for case, word in done.refused[:_SHOWN])
            messages.warning(self.request, _("Left as they are: %(why)s") % {"why": why})
        return redirect(self.list_url())


def said(act: str, count: int) -> str:
    """What the act has done."""
    if act == Act.ASSIGN:
        text = ngettext("%(n)s case is assigned.", "%(n)s cases are assigned.", count)
    elif act == Act.OFFER:
        text = ngettext("%(n)s case is offered.", "%(n)s cases are offered.", count)
    elif act == Act.UNTAG:
        text = ngettext("The label is off %(n)s case.", "The label is off %(n)s cases.", count)
    else:
        text = ngettext("%(n)s case carries the label.", "%(n)s cases carry the label.", count)
    return text % {"n": count}


@require_POST
def undo(request, batch):
    """Take an act on many cases back."""
    count = bulk.undo(batch=batch, by=request.user)
    if count:
        text = ngettext("Taken back on %(n)s case.", "Taken back on %(n)s cases.", count)
        messages.success(request, text % {"n": count})
    else:
        messages.warning(request, _("Nothing to take back: it is over ten minutes ago, or somebody went on with it."))
    return redirect("cases:case-list")


class CaseTags(CaseFormPage):
    """The labels of one case."""

    form_class = CaseTagsForm
    template_name = "cases/tags.html"

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs()
        kwargs.pop("initial")
        return {**kwargs, "case": self.case}

    def save(self, form):
        tags.put(case=self.case, labels=form.cleaned_data["labels"], by=self.request.user, now=self.now)
        messages.success(self.request, _("Saved."))
