"""The lists beside the list of cases: one form owns filter, chip, order and file, so that they cannot disagree."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy, pgettext_lazy

from cases.models import Attempt, CasePaper, Clock, Commitment, FollowUp, Letter, Obliged, PaperType, Programme
from cases.reports import commitments as commitment_report
from cases.reports import letters as letter_report
from cases.reports.board import day_of, pressing
from cases.reports.counting import RowCount
from cases.rules.codes import FollowUpKind, FollowUpState
from cases.rules.masking import find
from cases.rules.registers import MISSING, Answer, Form, LetterKind, PaperState, Promise
from members.forms.moments import DayField
from members.models import Body, Organisation, User
from members.rules.roles import Permission

#: Counting stops here and says "1000+".
CAP = 1000
#: More desks than this are not a list to choose from.
MOST_DESKS = 100
ALL = ("", gettext_lazy("All"))

#: An order that every list has: the rows of a case stand together.
BY_CASE = {"kasus": (gettext_lazy("By case number"), (F("case__number").asc(nulls_last=True), "pk"))}

Rows = QuerySet[Any]
View = Callable[[Rows, "ListForm"], Rows]


class ListForm(forms.Form):
    """Filters as they stand in an address; what makes no sense there is left out, not complained about.

    ``VIEWS`` are the chips, by their word in the address (``?lihat=``). A field of ``LOOKUPS`` filters by its lookup.
    """

    say_optional = False
    VIEWS: dict[str, View] = {}
    LOOKUPS: dict[str, str] = {}
    #: Orders to choose from (``?urut=``), beside the usual one of a chip: what each is called, and by what it sorts.
    ORDERS: dict[str, tuple[Any, tuple]] = {}
    #: What ``dari`` and ``sampai`` are about.
    MOMENT = ""
    DESK = "case__desk__uuid"

    lihat = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    posko = forms.ChoiceField(label=gettext_lazy("Desk"), required=False)
    dari = DayField(label=pgettext_lazy("period", "From"))
    sampai = DayField(label=pgettext_lazy("period", "Until"))
    urut = forms.ChoiceField(label=gettext_lazy("Order"), required=False)

    def __init__(self, data, *, user: User, now: datetime):
        super().__init__(data)
        self.user, self.now = user, now
        self.permitted = self.everything()  # asked once: it reads the reach
        desks = Organisation.objects.in_reach_of(user, Permission.CASE_VIEW).filter(is_desk=True).order_by("name")
        self.desks = list(desks.only("uuid", "name", "abbreviation")[:MOST_DESKS])
        self.fields["posko"].choices = [ALL, *((str(desk.uuid), str(desk)) for desk in self.desks)]
        if len(self.desks) < 2:
            del self.fields["posko"]
        self.fields["urut"].choices = [
            ("", gettext_lazy("As usual")),
            *((key, word) for key, (word, _by) in {**self.ORDERS, **BY_CASE}.items()),
        ]
        self.offer()
        self.is_valid()

    def offer(self) -> None:
        """The choices of this list."""

    def everything(self) -> Rows:
        """The rows this reader may open."""
        raise NotImplementedError

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen and makes sense."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if given.get("lihat", "") not in self.VIEWS:
            given.pop("lihat", None)
        return given

    @property
    def view(self) -> str:
        return self.chosen.get("lihat", "")

    @property
    def filters(self) -> int:
        """How many filters are on, besides the chip and the order."""
        return len(self.chosen.keys() - {"lihat", "urut"})

    @property
    def kept(self) -> list[tuple[str, Any]]:
        """What was chosen elsewhere on the page and goes along when the form is sent."""
        return [(name, value) for name, value in self.chosen.items() if self[name].is_hidden]

    @property
    def seen(self) -> list:
        """The fields a reader fills in, in their order."""
        return [field for field in self if not field.is_hidden]

    def rows(self) -> Rows:
        """The rows within the filters; the chip is not yet counted in."""
        chosen = self.chosen
        rows = self.permitted
        for name, lookup in {"posko": self.DESK, **self.LOOKUPS}.items():
            if name in chosen:
                rows = rows.filter(**{lookup: chosen[name]})
        zone = ZoneInfo(self.user.zone)
        if "dari" in chosen:
            rows = rows.filter(**{f"{self.MOMENT}__gte": datetime.combine(chosen["dari"], time.min, tzinfo=zone)})
        if "sampai" in chosen:
            after = datetime.combine(chosen["sampai"] + timedelta(days=1), time.min, tzinfo=zone)
            rows = rows.filter(**{f"{self.MOMENT}__lt": after})
        return rows

    def shown(self) -> Rows:
        """The rows of the chip within the filters, in the order chosen, else in that of the chip."""
        rows = self.VIEWS[self.view](self.rows(), self)
        order = self.chosen.get("urut")
        return rows.order_by(*{**self.ORDERS, **BY_CASE}[order][1]) if order else rows

    def counts(self) -> dict[str, int]:
        """How many rows each chip would show, in one statement; a count over the cap is the cap plus one."""
        rows = self.rows()
        asked = {f"n{at}": RowCount(view(rows, self), cap=CAP) for at, view in enumerate(self.VIEWS.values())}
        found = User.objects.filter(pk=self.user.pk).values(**asked).get()
        return {key: found[f"n{at}"] for at, key in enumerate(self.VIEWS)}


def _choice(label, choices=()) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[ALL, *((key, word) for key, word in choices if key)])


class FollowUpListForm(ListForm):
    """Things to do: mine, or of everybody whose cases I may open."""

    MOMENT = "due_at"
    LOOKUPS = {"jenis": "kind"}
    VIEWS = {
        "": lambda rows, form: rows.open().order_by("due_at", "pk"),
        "lewat": lambda rows, form: rows.overdue(form.now).order_by("due_at", "pk"),
        "hari-ini": lambda rows, form: (
            rows.open()
            .filter(due_at__gte=day_of(form.user, form.now)[0], due_at__lt=day_of(form.user, form.now)[1])
            .order_by("due_at", "pk")
        ),
        "pekan-ini": lambda rows, form: (
            rows.open().filter(due_at__gte=form.now, due_at__lt=form.now + timedelta(days=7)).order_by("due_at", "pk")
        ),
        "selesai": lambda rows, form: rows.exclude(state=FollowUpState.OPEN).order_by("-ended_at", "-pk"),
    }

    ORDERS = {
        "tenggat": (gettext_lazy("Due first"), ("due_at", "pk")),
        "baru": (gettext_lazy("Newest first"), ("-created_at", "-pk")),
        "siapa": (gettext_lazy("By whose it is"), (F("owner__full_name").asc(nulls_last=True), "due_at", "pk")),
    }

    siapa = forms.ChoiceField(
        label=gettext_lazy("Whose?"),
        required=False,
        choices=[("", gettext_lazy("Mine")), ("semua", gettext_lazy("Everybody's"))],
    )
    jenis = _choice(pgettext_lazy("list", "Kind"), FollowUpKind.choices)
    field_order = ["siapa", "jenis", "posko", "dari", "sampai"]

    def everything(self) -> Rows:
        return FollowUp.objects.permitted(self.user, Permission.CASE_VIEW)

    def rows(self) -> Rows:
        rows = super().rows()
        return rows if "siapa" in self.chosen else rows.filter(owner=self.user)


class ClockListForm(ListForm):
    """Clocks over all cases: those that press, were missed, run, or have ended."""

    MOMENT = "due_at"
    LOOKUPS = {"pihak": "obliged"}
    VIEWS = {
        "": lambda rows, form: pressing(rows, form.now).order_by("due_at", "pk"),
        "lewat": lambda rows, form: rows.filter(state=Clock.State.RUNNING, due_at__lt=form.now).order_by(
            "due_at", "pk"
        ),
        "berjalan": lambda rows, form: rows.filter(state__in=[Clock.State.RUNNING, Clock.State.PAUSED]).order_by(
            F("due_at").asc(nulls_last=True), "pk"
        ),
        "selesai": lambda rows, form: rows.filter(state__in=[Clock.State.STOPPED, Clock.State.WAIVED]).order_by(
            "-ended_at", "-pk"
        ),
    }

    ORDERS = {
        "tenggat": (gettext_lazy("Due first"), (F("due_at").asc(nulls_last=True), "pk")),
        "baru": (gettext_lazy("Newest first"), ("-started_at", "-pk")),
        "aturan": (gettext_lazy("By deadline"), ("rule__code", F("due_at").asc(nulls_last=True), "pk")),
    }

    pihak = _choice(gettext_lazy("Who owes it?"), Obliged.choices)
    field_order = ["pihak", "posko", "dari", "sampai"]

    def everything(self) -> Rows:
        return Clock.objects.permitted(self.user, Permission.CASE_VIEW)


class AttemptListForm(ListForm):
    """Facilities that were asked, and what they answered."""

    MOMENT = "at"
    LOOKUPS = {"jawaban": "answer", "tempat": "body__uuid"}
    VIEWS = {
        "": lambda rows, form: rows.order_by("-at", "-pk"),
        "ditolak": lambda rows, form: rows.filter(answer__in=[Answer.FULL, Answer.REFUSED]).order_by("-at", "-pk"),
        "diterima": lambda rows, form: rows.filter(answer=Answer.ACCEPTED).order_by("-at", "-pk"),
        "menunggu": lambda rows, form: rows.filter(
            answer__in=[Answer.WAITING, Answer.CONDITION, Answer.NO_ANSWER]
        ).order_by("-at", "-pk"),
    }

    ORDERS = {
        "baru": (gettext_lazy("Newest first"), ("-at", "-pk")),
        "lama": (gettext_lazy("Oldest first"), ("at", "pk")),
        "tempat": (gettext_lazy("By facility"), (F("body__name").asc(nulls_last=True), "-at", "-pk")),
    }

    tempat = _choice(gettext_lazy("Facility"))
    jawaban = _choice(gettext_lazy("Answer"), Answer.choices)
    alasan = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=60,
        strip=True,
        help_text=gettext_lazy("Words of the reason or of the answer, such as “full”. No names."),
    )
    field_order = ["tempat", "jawaban", "alasan", "posko", "dari", "sampai"]

    def everything(self) -> Rows:
        return Attempt.objects.permitted(self.user, Permission.CASE_VIEW)

    def clean_alasan(self) -> str:
        words = " ".join(self.cleaned_data["alasan"].split())
        if find(words):
            raise forms.ValidationError(gettext_lazy("Leave numbers of people out of the filter."))
        return words

    def rows(self) -> Rows:
        """With the words of ``alasan`` in the reason as it was written, or in the answer as it is called.

        What a restricted case says is cipher, and is found by its answer alone.
        """
        rows = super().rows()
        if words := self.chosen.get("alasan"):
            said = [code for code, word in Answer.choices if words.lower() in str(word).lower()]
            rows = rows.filter(Q(answer__in=said) | Q(reason__icontains=words, case__is_restricted=False))
        return rows

    def offer(self) -> None:
        asked = self.permitted.filter(body__isnull=False).order_by()
        most = asked.values("body__uuid", "body__name").annotate(n=Count("pk")).order_by("-n", "body__name")[:CAP]
        self.fields["tempat"].choices = [
            ALL,
            *sorted(((str(row["body__uuid"]), row["body__name"]) for row in most), key=lambda pair: pair[1]),
        ]


class PaperListForm(ListForm):
    """Papers that are missing, over all open cases."""

    MOMENT = "state_at"
    LOOKUPS = {"kertas": "paper__code", "penerbit": "paper__issuer", "program": "checklist__programme__code"}
    VIEWS = {
        "": lambda rows, form: rows.filter(state__in=MISSING).order_by("state_at", "pk"),
        "perlu": lambda rows, form: rows.filter(state=PaperState.NEEDED).order_by("state_at", "pk"),
        "diminta": lambda rows, form: rows.filter(state=PaperState.ASKED).order_by("state_at", "pk"),
        "ada": lambda rows, form: rows.exclude(state__in=[*MISSING, PaperState.UNNEEDED]).order_by("-state_at", "-pk"),
    }

    ORDERS = {
        "lama": (gettext_lazy("Longest waiting first"), ("state_at", "pk")),
        "baru": (gettext_lazy("Newest first"), ("-state_at", "-pk")),
        "kertas": (gettext_lazy("By paper"), (F("paper__name").asc(nulls_last=True), "state_at", "pk")),
    }

    kertas = _choice(gettext_lazy("Paper"))
    penerbit = _choice(gettext_lazy("Who issues it"))
    program = _choice(gettext_lazy("Programme"))
    field_order = ["kertas", "penerbit", "program", "posko", "dari", "sampai"]

    def everything(self) -> Rows:
        return CasePaper.objects.permitted(self.user, Permission.CASE_VIEW).exclude(case__status="closed")

    def offer(self) -> None:
        papers = list(PaperType.objects.order_by("name"))
        self.fields["kertas"].choices = [ALL, *((row.code, row.label) for row in papers)]
        issuers = {row.issuer: row.in_language("issuer") for row in papers if row.issuer}
        self.fields["penerbit"].choices = [ALL, *sorted(issuers.items(), key=lambda pair: pair[1])]
        self.fields["program"].choices = [ALL, *((row.code, row.label) for row in Programme.objects.all())]


class LetterListForm(ListForm):
    """Letters without an answer, silent for long, or not sent yet; obstacle reports among them."""

    MOMENT = "sent_at"
    LOOKUPS = {"jenis": "kind"}
    VIEWS = {
        "": lambda rows, form: letter_report.waiting(rows),
        "diam": lambda rows, form: letter_report.silent(letter_report.waiting(rows), now=form.now),
        "kendala": lambda rows, form: letter_report.waiting(rows).filter(kind=LetterKind.OBSTACLE),
        "draf": lambda rows, form: letter_report.begun(rows),
    }

    ORDERS = {
        "lama": (gettext_lazy("Longest waiting first"), (F("sent_at").asc(nulls_last=True), "pk")),
        "baru": (gettext_lazy("Newest first"), (F("sent_at").desc(nulls_last=True), "-pk")),
        "kantor": (gettext_lazy("By office"), (F("body__name").asc(nulls_last=True), "sent_at", "pk")),
    }

    jenis = _choice(pgettext_lazy("list", "Kind"), LetterKind.choices)
    field_order = ["jenis", "posko", "dari", "sampai"]

    def everything(self) -> Rows:
        return Letter.objects.permitted(self.user, Permission.CASE_VIEW).exclude(case__status="closed")


def _commitment_view(key: str) -> View:
    return lambda rows, form: commitment_report.ordered(commitment_report.VIEWS[key](rows, form.now), key)


class CommitmentListForm(ListForm):
    """Who promised what, of cases and of desks."""

    MOMENT = "due_at"
    DESK = "desk__uuid"
    LOOKUPS = {"kantor": "body__uuid", "acara": "gathering__uuid", "bentuk": "form", "keadaan": "state"}
    VIEWS = {key: _commitment_view(key) for key in commitment_report.VIEWS}

    ORDERS = {
        "tenggat": (gettext_lazy("Due first"), (F("due_at").asc(nulls_last=True), "pk")),
        "baru": (gettext_lazy("Newest first"), (F("promised_at").desc(nulls_last=True), "-pk")),
        "kantor": (gettext_lazy("By office"), (F("body__name").asc(nulls_last=True), "pk")),
    }

    kantor = forms.UUIDField(required=False, widget=forms.HiddenInput)
    acara = forms.UUIDField(required=False, widget=forms.HiddenInput)
    bentuk = _choice(gettext_lazy("In what form?"), Form.choices)
    keadaan = _choice(gettext_lazy("What became of it?"), Promise.choices)
    field_order = ["bentuk", "keadaan", "posko", "dari", "sampai"]

    def everything(self) -> Rows:
        return Commitment.objects.permitted(self.user, Permission.CASE_VIEW)

    @property
    def office(self) -> Body | None:
        """The office asked for, where it stands in the reader's own register: no other is even named."""
        asked = self.chosen.get("kantor")
        if asked is None:
            return None
        return Body.objects.filter(uuid=asked, pk__in=self.permitted.order_by().values("body")).first()
