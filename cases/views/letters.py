"""Letters of a case: drafted, changed, sent, answered, printed; the union's notice; and the list of what is unanswered."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.forms.letter import KINDS, AnsweredForm, EndForm, LetterEditForm, LetterForm, ProofForm, SentForm
from cases.forms.lists import LetterListForm
from cases.forms.notice import NoticeForm
from cases.models import Case, Letter
from cases.reports import letters as report
from cases.rules import letters as rules
from cases.rules.codes import PartyRole
from cases.rules.letters import NoticeKind, blanks, notice_text
from cases.rules.registers import LetterKind, LetterState
from cases.services import ladder, letters
from cases.services.ladder import RungNow
from cases.views.case_form import CaseFormPage
from cases.views.gate import log, of_case_or_404
from cases.views.lists import Chip
from cases.views.people import names_open, people_url, whatsapp_link
from cases.views.registers import ListPage
from members.models import AccessLog
from members.reports import pdf
from members.rules import words
from members.rules.roles import Permission
from members.services import places
from members.views.sessions import sign_in_again


def letter_url(letter: Letter) -> str:
    """The page of a letter."""
    return reverse("cases:letter", args=[letter.uuid])


def _may_work(case: Case, user) -> bool:
    return Case.objects.permitted(user, Permission.CASE_WORK).filter(pk=case.pk).exists()


class LetterAdd(CaseFormPage):
    """A draft from what the case knows, for a rung of its ladder or for any other office."""

    form_class = LetterForm
    template_name = "cases/letter_add.html"
    shows_the_case = True

    @property
    def asked(self) -> dict:
        return self.request.POST if self.request.method == "POST" else self.request.GET

    @property
    def kind(self) -> str:
        name = "kind" if self.request.method == "POST" else "jenis"
        given = self.asked.get(name, "")
        return given if given in {kind.value for kind in KINDS} else LetterKind.COMPLAINT.value

    @cached_property
    def rung(self) -> RungNow | None:
        name = "rung" if self.request.method == "POST" else "anak"
        key = self.asked.get(name, "")[:50]
        return ladder.rung_of(self.case, key, now=self.now) if key else None

    def get_initial(self):
        office = self.rung.office.name if self.rung else ""
        channel = self.rung.channels[0] if self.rung and self.rung.channels else None
        subject, text = letters.draft(self.case, self.kind, office=office, channel=channel)
        return {
            "kind": self.kind,
            "rung": self.rung.key if self.rung else "",
            "office": office,
            "subject": subject,
            "text": text,
        }

    def get_context_data(self, **kwargs):
        key = self.rung.key if self.rung else ""
        chips = [
            Chip(
                kind.label,
                "?" + urlencode({"jenis": kind.value, **({"anak": key} if key else {})}),
                "",
                kind == self.kind,
            )
            for kind in KINDS
        ]
        why = ""
        if self.rung and not self.rung.verdict.is_open:
            why = ladder.rules.reason(
                self.rung.verdict, office=self.rung.office.name, now=self.now, zone=self.case.zone
            )
        return super().get_context_data(
            chips=chips,
            rung=self.rung,
            closed_because=why,
            rows=report.of_case(self.case, now=self.now),
            offers_notice=letters.offers_notice(self.case),
            **kwargs,
        )

    def save(self, form):
        given, rung = form.cleaned_data, self.rung
        is_as_offered = rung is not None and given["office"] == rung.office.name
        self.letter = letters.write(
            case=self.case,
            kind=given["kind"],
            office=given["office"],
            rung=rung.rung if rung else None,
            body=rung.office.body if is_as_offered else places.find_or_create(given["office"], region=self.case.region),
            channel=rung.channels[0] if rung and rung.channels else None,
            subject=given["subject"],
            text=given["text"],
            our_reference=given["our_reference"],
            by=self.request.user,
            now=self.now,
            submit_key=given["submit_key"],
        )
        messages.success(self.request, _("The draft is kept. It counts as sent only when you say so."))

    def get_success_url(self):
        if self.request.POST.get("act") == "sent":
            return reverse("cases:letter-sent", args=[self.letter.uuid])
        return letter_url(self.letter)


class LetterForms(CaseFormPage):
    """A form about one letter."""

    def find_case(self) -> Case:
        self.letter = of_case_or_404(self.request, Letter.objects, self.kwargs["uuid"], self.permission)
        self.letter.case.desk  # noqa: B018 (read once, for the page and the letter)
        return self.letter.case

    def back_url(self) -> str:
        return letter_url(self.letter)

    def get_success_url(self) -> str:
        return letter_url(self.letter)

    def get_context_data(self, **kwargs):
        row = report.row_of(self.letter, now=self.now)
        return super().get_context_data(letter=self.letter, row=row, **kwargs)


class LetterPage(LetterForms):
    """Read it, change it while it is a draft, and see what can be done with it."""

    form_class = LetterEditForm
    template_name = "cases/letter.html"
    permission = Permission.CASE_VIEW
    shows_the_case = True

    def post(self, request, *args, **kwargs):
        self.permission = Permission.CASE_WORK
        self.case = self.find_case()
        if self.letter.kind == LetterKind.NOTICE:
            return redirect(notice_url(self.letter))
        return super().post(request, *args, **kwargs)

    def back_url(self) -> str:
        return reverse("cases:case-ladder", args=[self.case.uuid])

    def get_initial(self):
        row = self.letter
        return {
            "version": row.version,
            "office": row.office,
            "subject": row.subject,
            "our_reference": row.our_reference,
            "text": row.text,
        }

    def get_context_data(self, **kwargs):
        letter, case = self.letter, self.case
        is_notice = letter.kind == LetterKind.NOTICE
        text = letters.whatsapp(case, letter.kind, office=letter.office)
        names_are_open = names_open(case, self.request.user, self.request)
        gaps = letters.still_missing(case, letters.content_of(letter)) if is_notice else []
        return super().get_context_data(
            is_draft=letter.state == LetterState.DRAFT,
            is_sent=letter.state == LetterState.SENT,
            is_notice=is_notice,
            notice_url=notice_url(letter),
            gaps=[str(each.label) for each in gaps],
            blanks=0 if is_notice else blanks(letter.text),
            whatsapp_text=text,
            whatsapp_url=whatsapp_link("", text),
            names_open=names_are_open,
            may_work=_may_work(case, self.request.user),
            has_proof=ladder.has_proof(letter),
            **kwargs,
        )

    def save(self, form):
        given = form.cleaned_data
        letters.edit(
            letter=self.letter,
            version=given["version"],
            office=given["office"],
            subject=given["subject"],
            our_reference=given["our_reference"],
            text=given["text"],
            by=self.request.user,
            now=self.now,
        )
        messages.success(self.request, _("Saved."))


class LetterSent(LetterForms):
    """It went out."""

    form_class = SentForm
    template_name = "cases/letter_sent.html"

    def get_initial(self):
        return {"our_reference": self.letter.our_reference, "their_reference": self.letter.their_reference}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "letter": self.letter, "now": self.now}

    def get_context_data(self, **kwargs):
        return super().get_context_data(blanks=blanks(self.letter.text), **kwargs)

    def save(self, form):
        given = form.cleaned_data
        letters.send(
            letter=self.letter,
            way=given["way"],
            our_reference=given["our_reference"],
            their_reference=given["their_reference"],
            proof=given["proof"],
            at=form.at,
            on_day=form.on_day,
            by=self.request.user,
            now=self.now,
        )
        messages.success(self.request, _("Sent. We ask again if it stays silent."))


class LetterAnswered(LetterForms):
    """The office answered."""

    form_class = AnsweredForm
    template_name = "cases/letter_answered.html"

    def get_initial(self):
        return {"their_reference": self.letter.their_reference}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "letter": self.letter, "now": self.now}

    def save(self, form):
        given = form.cleaned_data
        letters.answered(
            letter=self.letter,
            reply=given["reply"],
            answer=given["answer"],
            their_reference=given["their_reference"],
            at=form.at,
            on_day=form.on_day,
            by=self.request.user,
            now=self.now,
        )
        messages.success(self.request, _("Noted. Nobody waits for this answer any more."))


class LetterProof(LetterForms):
    """What shows that it was received."""

    form_class = ProofForm
    template_name = "cases/letter_proof.html"

    def get_initial(self):
        row = self.letter
        return {
            "our_reference": row.our_reference,
            "their_reference": row.their_reference,
            "proof": row.proof.uuid if row.proof else None,
        }

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "letter": self.letter}

    def save(self, form):
        letters.keep_proof(letter=self.letter, by=self.request.user, now=self.now, **form.cleaned_data)
        messages.success(self.request, _("Saved."))


class LetterEnd(LetterForms):
    """Nobody waits for it any more."""

    form_class = EndForm
    template_name = "cases/letter_end.html"

    def save(self, form):
        letters.end(letter=self.letter, note=form.cleaned_data["note"], by=self.request.user, now=self.now)
        messages.success(self.request, _("No longer needed; nobody is reminded of it."))


# Paper


def _needs_names(letter: Letter, request) -> bool:
    """A notice tells who it is about, by law; a letter only where that is asked for."""
    return letter.kind == LetterKind.NOTICE or request.GET.get("nama") == "1"


def _ask_for_names(request, case: Case):
    if request.session.get("identity_locked"):
        return sign_in_again(request, request.path)
    messages.error(request, _("Open the names first."))
    return redirect(people_url(case))


def _name_of(case: Case) -> str:
    rows = {party.role: party.person.full_name for party in case.parties.select_related("person")}
    return next((rows[role] for role in (PartyRole.PATIENT, PartyRole.WORKER, PartyRole.INSURED) if rows.get(role)), "")


def _paper(letter: Letter, *, with_name: bool, now) -> tuple[str, dict]:
    """The template of a letter on paper and what it says, in Indonesian."""
    case = letter.case
    said: dict = {"number": case.number, "letter": letter, "desk": str(case.desk)}
    if letter.kind == LetterKind.NOTICE:
        row = letters.printed(case, letters.content_of(letter), now=now)
        return "pdf/notice.html", {**said, "notice": row}
    paragraphs = letter.text.replace("\r\n", "\n").split("\n\n")
    return "pdf/letter.html", {
        **said,
        "today": words.long_day(letter.sent_at or now, case.zone, letters.LANGUAGE),
        "paragraphs": [each for each in paragraphs if not with_name or each.strip() != rules.without_names()],
        "name": _name_of(case) if with_name else "",
        "writer": letter.logged_by.full_name if letter.logged_by else "",
    }


@require_safe
def letter_pdf(request, uuid):
    """A letter or notice as PDF; where this machine cannot make one, the page that the browser prints."""
    letter = of_case_or_404(request, Letter.objects, uuid, Permission.CASE_VIEW)
    with_name = _needs_names(letter, request)
    if with_name and not names_open(letter.case, request.user, request):
        return _ask_for_names(request, letter.case)
    log(
        request, AccessLog.Action.EXPORT, uuid=letter.case.uuid, reason=f"letter:{'names' if with_name else 'initials'}"
    )
    with translation.override(letters.LANGUAGE):
        template, context = _paper(letter, with_name=with_name, now=timezone.now())
        try:
            data = pdf.render(template, context)
        except pdf.NoPango:
            response = HttpResponse(render_to_string(template, {**context, "on_screen": True}, request))
        else:
            response = HttpResponse(data, content_type="application/pdf")
            response["Content-Disposition"] = f'inline; filename="{letter.case.number}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def letter_text(request, uuid):
    """A letter or notice as plain text, for e-mail or a web form."""
    letter = of_case_or_404(request, Letter.objects, uuid, Permission.CASE_VIEW)
    case = letter.case
    is_notice = letter.kind == LetterKind.NOTICE
    if is_notice and not names_open(case, request.user, request):
        return _ask_for_names(request, case)
    log(request, AccessLog.Action.EXPORT, uuid=case.uuid, reason=f"letter:{'names' if is_notice else 'initials'}")
    text = letter.text
    if is_notice:
        with translation.override(letters.LANGUAGE):
            text = notice_text(letters.printed(case, letters.content_of(letter), now=timezone.now()))
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{case.number}.txt"'
    response["Cache-Control"] = "no-store"
    return response


# The union's notice


def notice_url(letter: Letter) -> str:
    """The page on which a notice is filled in."""
    return f"{reverse('cases:notice', args=[letter.case.uuid])}?surat={letter.uuid}"


class NoticePage(CaseFormPage):
    """Permenaker 1/2025 art. 8A/48A: filled in as far as the case knows, with every gap said; kept, printed, or both."""

    form_class = NoticeForm
    template_name = "cases/notice.html"

    def dispatch(self, request, *args, **kwargs):
        self.now = timezone.now()
        self.case = self.find_case()
        if request.method in {"GET", "HEAD", "POST"} and not names_open(self.case, request.user, request):
            return _ask_for_names(request, self.case)
        if request.method == "GET":
            log(request, AccessLog.Action.OPEN_IDENTITY, uuid=self.case.uuid)
        return super(CaseFormPage, self).dispatch(request, *args, **kwargs)

    @cached_property
    def letter(self) -> Letter | None:
        """The notice an address names, else the draft that is there, else none yet."""
        rows = self.case.letters.filter(kind=LetterKind.NOTICE)
        asked = (
            self.request.POST.get("letter", "") if self.request.method == "POST" else self.request.GET.get("surat", "")
        )
        found = {str(row.uuid): row for row in rows}
        if asked in found:
            return found[asked]
        return next((row for row in rows if row.state == LetterState.DRAFT), None)

    @cached_property
    def content(self) -> dict:
        return letters.content_of(self.letter) if self.letter else letters.prefill(self.case, by=self.request.user)

    def get_initial(self):
        hour = str(self.content.get("hour") or "").replace(".", ":")
        return {**self.content, "hour": hour, "version": self.letter.version if self.letter else None}

    def get_form_kwargs(self):
        return {
            **super().get_form_kwargs(),
            "now": self.now,
            "zone": self.case.zone,
            "number_on_file": letters.masked_number(self.case),
        }

    def get_context_data(self, **kwargs):
        gaps = letters.still_missing(self.case, self.content)
        kind = self.content.get("kind")
        return super().get_context_data(
            letter=self.letter,
            is_sent=self.letter is not None and self.letter.state != LetterState.DRAFT,
            gaps=[(each.key, str(each.label)) for each in gaps],
            is_disease=kind == NoticeKind.DISEASE,
            fields=[each.key for each in rules.notice_fields(kind)],
            **kwargs,
        )

    def save(self, form):
        content = form.content
        names = letters.offices_of(self.case, content)
        if self.letter:
            self.letter = letters.edit(
                letter=self.letter,
                version=form.cleaned_data["version"],
                office=", ".join(names),
                content=content,
                by=self.request.user,
                now=self.now,
            )
        else:
            self.letter = letters.write(
                case=self.case,
                kind=LetterKind.NOTICE,
                office=", ".join(names) or "BPJS Ketenagakerjaan",
                content=content,
                by=self.request.user,
                now=self.now,
                submit_key=form.cleaned_data["submit_key"],
            )
        messages.success(self.request, _("The draft is kept. It counts as sent only when you say so."))

    def get_success_url(self):
        name = {"pdf": "cases:letter-pdf", "text": "cases:letter-text"}.get(self.request.POST.get("act", ""))
        return reverse(name, args=[self.letter.uuid]) if name else letter_url(self.letter)


# The list


#: Views of the list: address, chip, what an empty one says.
VIEWS = {
    "": (gettext_lazy("Not answered"), gettext_lazy("Every letter has been answered")),
    "diam": (gettext_lazy("No reply in 14 days"), gettext_lazy("No letter is silent for 14 days")),
    "kendala": (gettext_lazy("Obstacles reported"), gettext_lazy("No obstacle waits for an answer of the government")),
    "draf": (gettext_lazy("Drafts"), gettext_lazy("No draft waits to be sent")),
}


class LetterList(ListPage):
    """What offices still owe an answer to, over everything this reader may see."""

    template_name = "cases/letters.html"
    form_class = LetterListForm
    chips = VIEWS
    title = gettext_lazy("Letters")
    file_name = "surat"
    related = ("case", "case__assignee", "case__place")

    def lines(self, rows: list) -> list:
        return [report.row_of(letter, now=self.now) for letter in rows]
