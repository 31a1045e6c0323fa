"""Law as rows: programmes, segments, states, clock rules, terms, schemes, channels, ladders, papers, routes, holidays."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.catalogue import CatalogueRow, ProblemType, effective_constraint
from cases.rules import clocks
from members.models import BodyKind, Region


class Programme(CatalogueRow):
    """JKN, JKK, JKM, JHT, JP, JKP, or a local scheme as a kind."""

    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = [effective_constraint("programme")]


class Segment(CatalogueRow):
    """A JKN membership segment, who pays the premium and how much (RULES 1.1)."""

    premium = models.PositiveIntegerField(_("monthly premium, rupiah"), null=True, blank=True)
    premium_note = models.CharField(_("premium in words"), max_length=200, blank=True)
    premium_note_en = models.CharField(_("premium in words, English"), max_length=200, blank=True)
    payer = models.CharField(_("who pays"), max_length=120, blank=True)
    payer_en = models.CharField(_("who pays, English"), max_length=120, blank=True)
    is_exempt_from_fine = models.BooleanField(_("exempt from the inpatient fine"), default=False)
    employer_bears_fine = models.BooleanField(_("the employer bears the fine"), default=False)
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("JKN segment")
        verbose_name_plural = _("JKN segments")
        constraints = [effective_constraint("segment")]


class MembershipState(CatalogueRow):
    """Active, or why not (RULES 1.2)."""

    is_active = models.BooleanField(_("card works"), default=False)
    hint = models.CharField(_("hint"), max_length=300, blank=True)
    hint_en = models.CharField(_("hint, English"), max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("membership state")
        verbose_name_plural = _("membership states")
        constraints = [effective_constraint("membership_state")]


class Obliged(models.TextChoices):
    """Whom a clock presses."""

    FACILITY = "facility", _("Facility")
    FAMILY = "family", _("Family or patient")
    WORKER = "worker", _("Worker or heirs")
    EMPLOYER = "employer", _("Employer")
    BPJS_KESEHATAN = "bpjs_kesehatan", "BPJS Kesehatan"
    BPJS_TK = "bpjs_tk", "BPJS Ketenagakerjaan"
    GOVERNMENT = "government", _("Government office")
    US = "us", _("Us")
    NOBODY = "nobody", _("Nobody")


class Rule(CatalogueRow):
    """A clock rule K01 … K35: what runs, how it is counted, from what, against whom, and what if it is missed."""

    kind = models.CharField(_("shape"), max_length=15, choices=[(k.value, k.value) for k in clocks.RuleKind])
    spans = models.JSONField(_("spans"), default=list, blank=True, help_text='[{"amount": 3, "unit": "working_24h"}]')
    is_unclear = models.BooleanField(_("the law does not say which unit"), default=False)
    day = models.PositiveSmallIntegerField(_("day of the month"), default=0)
    february = models.PositiveSmallIntegerField(_("in February"), default=0)
    months_later = models.PositiveSmallIntegerField(_("months later"), default=0)
    moves = models.BooleanField(_("moves to the next working day"), default=False)
    reason = models.CharField(_("why there is no moment"), max_length=300, blank=True)
    reason_en = models.CharField(_("why there is no moment, English"), max_length=300, blank=True)
    week = models.PositiveSmallIntegerField(_("working days a week"), default=5)
    joint_leave_works = models.BooleanField(_("joint leave is worked"), default=False)
    obliged = models.CharField(_("whom it presses"), max_length=15, choices=Obliged)
    starts_from = models.CharField(_("starts from"), max_length=160)
    starts_from_en = models.CharField(_("starts from, English"), max_length=160, blank=True)
    consequence = models.CharField(_("if missed"), max_length=300, blank=True)
    consequence_en = models.CharField(_("if missed, English"), max_length=300, blank=True)
    started_by = models.JSONField(_("event types that start it"), default=list, blank=True)
    stopped_by = models.JSONField(_("event types that stop it"), default=list, blank=True)
    cut_short_by = models.JSONField(_("event types before which it must be done"), default=list, blank=True)
    programmes = models.JSONField(
        _("only for claims of these programmes"), default=list, blank=True, help_text='["JHT"]'
    )
    beside = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("counted beside")
    )
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("only in this region"))
    outlives = models.BooleanField(_("goes on after death"), default=False)
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("clock rule")
        verbose_name_plural = _("clock rules")
        constraints = [
            effective_constraint("rule"),
            models.CheckConstraint(condition=~Q(kind="none") | ~Q(reason=""), name="no_moment_has_its_reason"),
            models.CheckConstraint(condition=Q(week__in=[5, 6]), name="a_week_has_five_or_six_working_days"),
        ]


class FineTerm(CatalogueRow):
    """The terms of the inpatient fine on a date; two rows may disagree, and then both are shown (RULES 1.3)."""

    percent = models.PositiveSmallIntegerField(_("percent a month"))
    most_months = models.PositiveSmallIntegerField(_("months at most"))
    window_days = models.PositiveSmallIntegerField(_("days after reactivation"))
    cap = models.PositiveIntegerField(_("cap, rupiah"))
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("term of the inpatient fine")
        verbose_name_plural = _("terms of the inpatient fine")
        constraints = [effective_constraint("fine_term")]


class LocalScheme(CatalogueRow):
    """A guarantee of a region that holds on dates: J-Keren, UHC, Jamkesda (RULES 1.6, DECISIONS 22)."""

    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"))
    covers = models.CharField(_("covers"), max_length=300, blank=True)
    covers_en = models.CharField(_("covers, English"), max_length=300, blank=True)
    eligibility = models.CharField(_("for whom"), max_length=300, blank=True)
    eligibility_en = models.CharField(_("for whom, English"), max_length=300, blank=True)
    papers = models.JSONField(_("papers"), default=list, blank=True)
    office = models.CharField(_("office"), max_length=160, blank=True)
    contact = models.CharField(_("contact"), max_length=160, blank=True)
    hours = models.CharField(_("hours"), max_length=200, blank=True)
    activation = models.CharField(_("how soon active"), max_length=300, blank=True)
    activation_en = models.CharField(_("how soon active, English"), max_length=300, blank=True)
    rule = models.ForeignKey(Rule, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("clock"))
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("local scheme")
        verbose_name_plural = _("local schemes")
        constraints = [effective_constraint("local_scheme")]


class ContactChannel(CatalogueRow):
    """A door to knock on: CH01 … CH25, with its published standard of answer or none (RULES 4)."""

    use = models.CharField(_("for what"), max_length=300, blank=True)
    use_en = models.CharField(_("for what, English"), max_length=300, blank=True)
    contact = models.CharField(_("contact and hours"), max_length=300, blank=True)
    contact_en = models.CharField(_("contact and hours, English"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    url = models.URLField(_("address on the web"), blank=True)
    standard = models.CharField(_("published standard of answer"), max_length=300, blank=True)
    standard_en = models.CharField(_("published standard, English"), max_length=300, blank=True)
    rules = models.ManyToManyField(Rule, blank=True, related_name="channels", verbose_name=_("clocks"))
    body_kind = models.ForeignKey(
        BodyKind, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kind of office")
    )
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [effective_constraint("contact_channel")]


class Ladder(CatalogueRow):
    """R1 … R6: the doors in order."""

    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("ladder")
        verbose_name_plural = _("ladders")
        constraints = [effective_constraint("ladder")]


class Rung(models.Model):
    """One step of a ladder: the channel, what to do there, and the condition that must hold today."""

    class Condition(models.TextChoices):
        NONE = "", _("always")
        PRIOR_COMPLAINT = "prior_complaint", _("proof of an earlier complaint, at most two years old")
        ASKED_BELOW = "asked_below", _("the rung below was asked")
        HARM = "harm", _("somebody was harmed")

    ladder = models.ForeignKey(Ladder, models.CASCADE, related_name="rungs")
    position = models.PositiveSmallIntegerField(_("order"))
    name = models.CharField(_("office"), max_length=160)
    name_en = models.CharField(_("office, English"), max_length=160, blank=True)
    channels = models.ManyToManyField(ContactChannel, blank=True, related_name="rungs", verbose_name=_("channels"))
    act = models.CharField(_("what to do"), max_length=300, blank=True)
    act_en = models.CharField(_("what to do, English"), max_length=300, blank=True)
    condition = models.CharField(_("condition"), max_length=20, choices=Condition, blank=True, default="")
    wait_hours = models.PositiveIntegerField(
        _("climb after, hours of silence"), null=True, blank=True, help_text=_("Our own proposal, not law.")
    )

    class Meta:
        ordering = ["ladder", "position"]
        verbose_name = _("rung")
        verbose_name_plural = _("rungs")
        constraints = [models.UniqueConstraint(fields=["ladder", "position"], name="one_rung_per_place")]

    def __str__(self):
        return self.name


class PaperType(CatalogueRow):
    """A kind of paper and who issues it."""

    issuer = models.CharField(_("who issues it"), max_length=160, blank=True)
    issuer_en = models.CharField(_("who issues it, English"), max_length=160, blank=True)
    is_identity = models.BooleanField(_("holds identity"), default=False)
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("kind of paper")
        verbose_name_plural = _("kinds of paper")
        constraints = [effective_constraint("paper_type")]


class Checklist(CatalogueRow):
    """The papers of one claim or route (RULES 2.5)."""

    programme = models.ForeignKey(Programme, models.PROTECT, null=True, blank=True, related_name="checklists")
    problem_types = models.ManyToManyField(ProblemType, blank=True, related_name="checklists")
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("document checklist")
        verbose_name_plural = _("document checklists")
        constraints = [effective_constraint("checklist")]


class ChecklistItem(models.Model):
    """A paper of a checklist; ``when`` says in which case only."""

    checklist = models.ForeignKey(Checklist, models.CASCADE, related_name="items")
    paper = models.ForeignKey(PaperType, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=100)
    when = models.CharField(_("only when"), max_length=160, blank=True)
    when_en = models.CharField(_("only when, English"), max_length=160, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("paper of a checklist")
        verbose_name_plural = _("papers of a checklist")
        constraints = [models.UniqueConstraint(fields=["checklist", "paper"], name="a_paper_once_per_checklist")]

    def __str__(self):
        return str(self.paper)


class Route(CatalogueRow):
    """Segment × reason × who helps: the way to a working card (RULES 1.3–1.6)."""

    segment = models.ForeignKey(Segment, models.PROTECT, null=True, blank=True, related_name="routes")
    state = models.ForeignKey(MembershipState, models.PROTECT, related_name="routes")
    helper = models.CharField(_("who helps"), max_length=40, blank=True)
    say = models.TextField(_("sentence to say"), blank=True)
    say_en = models.TextField(_("sentence to say, English"), blank=True)
    warning = models.CharField(_("mind"), max_length=300, blank=True)
    warning_en = models.CharField(_("mind, English"), max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("route to a working card")
        verbose_name_plural = _("routes to a working card")
        constraints = [effective_constraint("route")]


class RouteStep(models.Model):
    """One office of a route, in order, with the papers to bring and who issues them."""

    route = models.ForeignKey(Route, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    office = models.CharField(_("office"), max_length=160)
    office_en = models.CharField(_("office, English"), max_length=160, blank=True)
    act = models.CharField(_("what to do"), max_length=300)
    act_en = models.CharField(_("what to do, English"), max_length=300, blank=True)
    channel = models.ForeignKey(ContactChannel, models.PROTECT, null=True, blank=True, related_name="+")
    papers = models.ManyToManyField(PaperType, blank=True, related_name="+")
    rule = models.ForeignKey(Rule, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["route", "position"]
        verbose_name = _("step of a route")
        verbose_name_plural = _("steps of a route")
        constraints = [models.UniqueConstraint(fields=["route", "position"], name="one_route_step_per_place")]

    def __str__(self):
        return self.office


class Playbook(CatalogueRow):
    """What to do for a problem type, step by step; our own practice until a coordinator has verified it."""

    problem_type = models.ForeignKey(ProblemType, models.CASCADE, related_name="playbooks")
    facility_level = models.CharField(_("only at this level of facility"), max_length=20, blank=True)
    payer = models.CharField(_("only with this payer"), max_length=20, blank=True)
    aim = models.CharField(_("what we want to reach"), max_length=300, blank=True)
    aim_en = models.CharField(_("what we want to reach, English"), max_length=300, blank=True)
    do_not_sign = models.TextField(_("do not sign yet"), blank=True)
    do_not_sign_en = models.TextField(_("do not sign yet, English"), blank=True)
    no_paper_reason = models.CharField(_("why no paper is needed"), max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("playbook")
        verbose_name_plural = _("playbooks")
        constraints = [effective_constraint("playbook")]


class PlaybookStep(models.Model):
    """A step: what, how soon after which event, what to say, what to ask for in writing, where next if refused."""

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("step"), max_length=160)
    title_en = models.CharField(_("step, English"), max_length=160, blank=True)
    after_event = models.CharField(_("counted from this event type"), max_length=40, blank=True, help_text="opened …")
    offset_hours = models.PositiveIntegerField(_("hours after it"), default=0)
    kind = models.CharField(_("kind of follow-up"), max_length=10, default="act")
    say = models.TextField(_("sentence to say"), blank=True)
    say_en = models.TextField(_("sentence to say, English"), blank=True)
    evidence = models.CharField(_("ask for in writing"), max_length=300, blank=True)
    evidence_en = models.CharField(_("ask for in writing, English"), max_length=300, blank=True)
    if_refused = models.CharField(_("if refused"), max_length=300, blank=True)
    if_refused_en = models.CharField(_("if refused, English"), max_length=300, blank=True)
    rules = models.ManyToManyField(Rule, blank=True, related_name="+", verbose_name=_("clocks"))

    class Meta:
        ordering = ["playbook", "position"]
        verbose_name = _("step of a playbook")
        verbose_name_plural = _("steps of a playbook")
        constraints = [models.UniqueConstraint(fields=["playbook", "position"], name="one_playbook_step_per_place")]

    def __str__(self):
        return self.title


class Holiday(models.Model):
    """A day off by decree: a national holiday or joint leave; provisional until the decree is out (RULES 6.1)."""

    class Kind(models.TextChoices):
        NATIONAL = "national", _("National holiday")
        JOINT_LEAVE = "joint_leave", _("Joint leave")
        LOCAL = "local", _("Local day off")

    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.NATIONAL)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("only in this region"))
    decree = models.CharField(_("decree"), max_length=200, blank=True)
    is_provisional = models.BooleanField(_("provisional"), default=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ["day"]
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        constraints = [
            models.UniqueConstraint(fields=["day"], condition=Q(region__isnull=True), name="one_national_day_off"),
            models.UniqueConstraint(
                fields=["day", "region"], condition=Q(region__isnull=False), name="one_day_off_per_region"
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.name}"
