"""What is kept on a case beside its timeline: attempts, letters, commitments, money, papers, counts, partners, consent."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.attachment import Attachment
from cases.models.case import Case, CaseParty
from cases.models.engine import OfCase
from cases.models.event import Event
from cases.models.follow_up import FollowUp
from cases.models.law import Checklist, ContactChannel, PaperType, Programme, Rung
from cases.rules.registers import (
    Answer,
    BedClass,
    Counted,
    Form,
    LetterKind,
    LetterState,
    MoneyKind,
    PaperState,
    PartnerState,
    Promise,
    Purpose,
    Referral,
    Reply,
    Term,
    Way,
)
from members.models import (
    Body,
    EncryptedTextField,
    Gathering,
    GatheringSeries,
    Organisation,
    SealableTextField,
)


class Attempt(OfCase):
    """A facility was asked: when, who answered, what, for which bed."""

    body = models.ForeignKey(Body, models.PROTECT, null=True, related_name="attempts", verbose_name=_("facility"))
    at = models.DateTimeField(_("when"))
    way = models.CharField(_("how"), max_length=10, choices=Way, blank=True, default="")
    answer = models.CharField(_("answer"), max_length=10, choices=Answer)
    reason = SealableTextField(_("reason given"), max_length=300, blank=True)
    officer = SealableTextField(_("who answered"), max_length=120, blank=True)
    officer_role = SealableTextField(_("in what post"), max_length=80, blank=True)
    bed_class = models.CharField(_("class or unit"), max_length=10, choices=BedClass, blank=True, default="")
    beds_free = models.PositiveSmallIntegerField(_("beds free"), null=True, blank=True)
    queue_place = models.PositiveSmallIntegerField(_("place on the waiting list"), null=True, blank=True)
    referral = models.CharField(_("referral"), max_length=10, choices=Referral, blank=True, default="")
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="attempts")

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("attempt at a facility")
        verbose_name_plural = _("attempts at facilities")
        indexes = [models.Index(fields=["body", "-at"], name="attempt_of_body")]

    def __str__(self):
        return f"{self.body or '?'} · {self.get_answer_display()}"


class Letter(OfCase):
    """Something laid before a named office, from a rung of the ladder or beside it: sent, answered, or days of silence.

    ``content`` holds what a notice or letter says, as JSON, always as cipher.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=LetterKind, default=LetterKind.COMPLAINT)
    rung = models.ForeignKey(Rung, models.SET_NULL, null=True, blank=True, related_name="letters")
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="letters")
    office = SealableTextField(_("to which office"), max_length=160)
    channel = models.ForeignKey(ContactChannel, models.PROTECT, null=True, blank=True, related_name="letters")
    way = models.CharField(_("how"), max_length=10, choices=Way, blank=True, default="")
    our_reference = SealableTextField(_("our number"), max_length=80, blank=True)
    their_reference = SealableTextField(_("their ticket or receipt number"), max_length=80, blank=True)
    subject = SealableTextField(_("about"), max_length=160, blank=True)
    text = SealableTextField(_("text"), blank=True)
    content = EncryptedTextField(blank=True)
    state = models.CharField(max_length=10, choices=LetterState, default=LetterState.DRAFT)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    reply = models.CharField(_("what came of it"), max_length=10, choices=Reply, blank=True, default="")
    answer = SealableTextField(_("answer"), blank=True)
    proof = models.ForeignKey(Attachment, models.SET_NULL, null=True, blank=True, related_name="+")
    follow_up = models.ForeignKey(FollowUp, models.SET_NULL, null=True, blank=True, related_name="letters")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-logged_at", "-pk"]
        verbose_name = _("letter or report")
        verbose_name_plural = _("letters and reports")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "answered"]) | Q(sent_at__isnull=False), name="sent_letter_has_a_moment"
            ),
            models.CheckConstraint(
                condition=Q(state="answered", answered_at__isnull=False)
                | (~Q(state="answered") & Q(answered_at__isnull=True)),
                name="answered_letter_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(answered_at__gte=F("sent_at")), name="answered_after_sent"
            ),
        ]
        indexes = [models.Index(fields=["sent_at"], name="letter_unanswered", condition=Q(state="sent"))]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.office}"


class CommitmentQuerySet(models.QuerySet):
    def permitted(self, user, permission):
        """Commitments of cases, and of desks without a case, on which this user holds this permission."""
        return self.filter(
            Q(case__in=Case.objects.permitted(user, permission))
            | Q(case__isnull=True, desk__in=Organisation.objects.narrowed_reach_of(user, permission))
        )

    def pending(self):
        return self.filter(state__in=[Promise.ASKED, Promise.OPEN])


class Commitment(models.Model):
    """Who promised what, where, in what form and until when; or a demand that asks for it. It outlives the official.

    From a case, or of a desk without one (a meeting). ``due_at`` of a conditional promise is set when its condition is
    met: ``span_days`` later.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, null=True, blank=True, related_name="commitments")
    desk = models.ForeignKey(Organisation, models.PROTECT, related_name="commitments", verbose_name=_("desk (posko)"))
    number = models.PositiveSmallIntegerField(_("number of the demand"), null=True, blank=True)
    text = SealableTextField(_("what was promised or asked for"), max_length=500)
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="commitments")
    party = SealableTextField(_("who promises"), max_length=160, blank=True)
    official = SealableTextField(_("name of the official"), max_length=120, blank=True)
    official_role = SealableTextField(_("in what post"), max_length=120, blank=True)
    form = models.CharField(_("in what form"), max_length=10, choices=Form, blank=True, default="")
    where = SealableTextField(_("where it was said"), max_length=160, blank=True)
    promised_at = models.DateTimeField(_("when it was said"), null=True, blank=True)
    promised_on_day = models.BooleanField(default=False)
    term = models.CharField(_("until when"), max_length=10, choices=Term, default=Term.NONE)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    due_is_day = models.BooleanField(default=False)
    condition = SealableTextField(_("condition"), max_length=200, blank=True)
    condition_met_at = models.DateTimeField(null=True, blank=True)
    span_days = models.PositiveSmallIntegerField(_("days after the condition is met"), null=True, blank=True)
    review_months = models.PositiveSmallIntegerField(_("look again every so many months"), null=True, blank=True)
    next_review_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=Promise, default=Promise.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_note = SealableTextField(_("how it ended"), max_length=300, blank=True)
    proof_note = SealableTextField(_("proof"), max_length=300, blank=True)
    proof = models.ForeignKey(Attachment, models.SET_NULL, null=True, blank=True, related_name="+")
    follow_up = models.ForeignKey(FollowUp, models.SET_NULL, null=True, blank=True, related_name="commitments")
    event = models.ForeignKey(Event, models.SET_NULL, null=True, blank=True, related_name="commitments")
    #: The meeting it was taken from, and the series of events it was promised to bring about.
    gathering = models.ForeignKey(
        Gathering, models.SET_NULL, null=True, blank=True, related_name="commitments", verbose_name=_("meeting")
    )
    series = models.ForeignKey(
        GatheringSeries, models.SET_NULL, null=True, blank=True, related_name="commitments", editable=False
    )
    logged_at = models.DateTimeField(editable=False)
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "number", "pk"]
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["asked", "open"], ended_at__isnull=True)
                | (~Q(state__in=["asked", "open"]) & Q(ended_at__isnull=False)),
                name="ended_commitment_has_its_moment",
            ),
            models.CheckConstraint(
                condition=~Q(term="date") | Q(due_at__isnull=False), name="dated_commitment_has_a_date"
            ),
            models.CheckConstraint(
                condition=~Q(term="condition") | ~Q(condition=""), name="conditional_commitment_has_a_condition"
            ),
            models.CheckConstraint(
                condition=~Q(term="standing") | Q(review_months__isnull=False), name="standing_commitment_is_reviewed"
            ),
        ]
        indexes = [
            models.Index(fields=["desk", "due_at"], name="commitment_open", condition=Q(state__in=["asked", "open"])),
            models.Index(fields=["body", "state"], name="commitment_of_body"),
        ]

    def __str__(self):
        return f"{self.party or self.body or '?'} · {self.get_state_display()}"

    @property
    def is_sealed(self) -> bool:
        """A promise made to a desk, of no case, is nobody's secret."""
        return self.case is not None and self.case.is_restricted


class MoneyLine(OfCase):
    """A line of a case's ledger, in whole rupiah; nothing is rubbed out, a mistake is taken back by a second line."""

    kind = models.CharField(_("kind"), max_length=15, choices=MoneyKind)
    amount = models.PositiveBigIntegerField(_("rupiah"))
    on_date = models.DateField(_("day"), null=True, blank=True)
    payer = SealableTextField(_("from whom"), max_length=120, blank=True)
    payee = SealableTextField(_("to whom"), max_length=120, blank=True)
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="+")
    note = SealableTextField(_("what for"), max_length=200, blank=True)
    proof = models.ForeignKey(Attachment, models.SET_NULL, null=True, blank=True, related_name="+")
    proof_note = SealableTextField(_("proof (receipt number, or none)"), max_length=120, blank=True)
    takes_back = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="taken_back_by")

    class Meta:
        ordering = ["on_date", "pk"]
        verbose_name = _("money line")
        verbose_name_plural = _("money lines")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="money_is_above_nothing")]

    def __str__(self):
        return f"{self.get_kind_display()} {self.amount}"

    @property
    def signed(self) -> int:
        """The amount as it counts: a line that takes another back counts against it."""
        return -self.amount if self.takes_back_id else self.amount


class CasePaper(OfCase):
    """A paper of this case: needed, asked, received, handed in, original given back; who issues it and who holds it."""

    paper = models.ForeignKey(PaperType, models.PROTECT, null=True, blank=True, related_name="+")
    name = SealableTextField(_("paper"), max_length=160, blank=True)
    checklist = models.ForeignKey(Checklist, models.SET_NULL, null=True, blank=True, related_name="+")
    issuer = SealableTextField(_("who issues it"), max_length=160, blank=True)
    state = models.CharField(_("where it stands"), max_length=10, choices=PaperState, default=PaperState.NEEDED)
    state_at = models.DateTimeField()
    holder = SealableTextField(_("who holds the original"), max_length=120, blank=True)
    reference = SealableTextField(_("number of the paper"), max_length=80, blank=True)
    note = SealableTextField(_("note"), max_length=200, blank=True)
    attachment = models.ForeignKey(Attachment, models.SET_NULL, null=True, blank=True, related_name="papers")
    follow_up = models.ForeignKey(FollowUp, models.SET_NULL, null=True, blank=True, related_name="papers")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("paper of a case")
        verbose_name_plural = _("papers of a case")
        constraints = [
            models.UniqueConstraint(fields=["case", "paper"], name="a_paper_once_per_case"),
            models.CheckConstraint(condition=Q(paper__isnull=False) | ~Q(name=""), name="paper_has_a_name"),
        ]

    def __str__(self):
        return self.name or str(self.paper)


class CaseCount(OfCase):
    """A number somebody gave on a day: counts that differ stand side by side, each with its source."""

    what = models.CharField(_("what is counted"), max_length=10, choices=Counted)
    what_text = SealableTextField(_("in words"), max_length=120, blank=True)
    number = models.PositiveIntegerField(_("how many"))
    is_estimate = models.BooleanField(_("about"), default=False)
    on_date = models.DateField(_("as of"), null=True, blank=True)
    source = SealableTextField(_("who says so"), max_length=160)
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["what", "on_date", "pk"]
        verbose_name = _("count")
        verbose_name_plural = _("counts")

    def __str__(self):
        return f"{self.get_what_display()} {self.number}"


class CasePartner(OfCase):
    """A union, body or group that helps on a case, each with its own task."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="+")
    name = SealableTextField(_("name"), max_length=160, blank=True)
    task = SealableTextField(_("task"), max_length=200, blank=True)
    contact = SealableTextField(_("who there"), max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=PartnerState, default=PartnerState.ACCEPTED)
    state_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False) | Q(body__isnull=False) | ~Q(name=""), name="partner_is_named"
            )
        ]

    def __str__(self):
        return str(self.organisation or self.body or self.name)


class Consent(OfCase):
    """What the one concerned (or who speaks for them) agreed to or refused; the newest of a purpose holds."""

    purpose = models.CharField(_("for what"), max_length=10, choices=Purpose)
    is_given = models.BooleanField(_("agrees"))
    party = models.ForeignKey(CaseParty, models.SET_NULL, null=True, blank=True, related_name="+")
    form = models.CharField(_("in what form"), max_length=10, choices=Form, blank=True, default="")
    stated_at = models.DateTimeField(_("when"))
    note = SealableTextField(_("note"), max_length=200, blank=True)
    proof = models.ForeignKey(Attachment, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-stated_at", "-pk"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self):
        return f"{self.get_purpose_display()}: {self.is_given}"


class CaseBar(OfCase):
    """A unit (with everything below it) that must not see this case: the member's own hospital (S4.17)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("unit"))
    reason = SealableTextField(_("why"), max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("hidden from a unit")
        verbose_name_plural = _("hidden from units")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "organisation"], condition=Q(ended_at__isnull=True), name="hidden_from_a_unit_once"
            )
        ]

    def __str__(self):
        return str(self.organisation)
