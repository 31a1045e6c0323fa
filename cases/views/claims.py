"""Versions of one question, side by side with their source."""

from django.contrib import messages
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from cases.forms.claim import ClaimForm
from cases.models import Case
from cases.services import claims
from cases.views.case import Topic, topics_of, uuid_or_none
from cases.views.case_form import CaseFormPage
from members.rules.roles import Permission


class Claims(CaseFormPage):
    """Read every version; add one where one may write."""

    form_class = ClaimForm
    template_name = "cases/claims.html"
    permission = Permission.CASE_VIEW
    shows_the_case = True
    anchor = "versi"

    @cached_property
    def topics(self) -> list[Topic]:
        return topics_of(self.case)

    def post(self, request, *args, **kwargs):
        self.permission = Permission.CASE_WORK
        self.case = self.find_case()
        return super().post(request, *args, **kwargs)

    def get_initial(self):
        known = self.case.claims.filter(uuid=uuid_or_none(self.request.GET.get("pokok", ""))).first()
        return {"topic": known.topic if known else ""}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "topics": [topic.name for topic in self.topics]}

    def get_context_data(self, **kwargs):
        may_work = Case.objects.permitted(self.request.user, Permission.CASE_WORK).filter(pk=self.case.pk).exists()
        return super().get_context_data(topics=self.topics, may_work=may_work, **kwargs)

    def save(self, form):
        given = form.cleaned_data
        claims.add(
            case=self.case,
            topic=given["topic"],
            text=given["text"],
            source=given["source"],
            stated_on=given["stated_on"],
            by=self.request.user,
            now=self.now,
            submit_key=given["submit_key"],
        )
        messages.success(self.request, _("Noted beside the other versions."))
