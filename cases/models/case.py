import uuid

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models.catalogue import Outcome, ProblemType
from cases.rules.codes import (
    HELPED,
    Actor,
    CaseKind,
    Channel,
    HandOverState,
    Membership,
    PartyRole,
    Relation,
    Status,
    Urgency,
    Whereabouts,
)
from cases.rules.registers import Restriction
from members.models import (
    Appointment,
    Body,
    Closure,
    EncryptedTextField,
    Organisation,
    Person,
    Region,
    SealableTextField,
    keyed_hash,
)
from members.rules.gatherings import born_after
from members.rules.roles import LooksAt, Permission
from members.rules.zones import Zone


class CaseCounter(models.Model):
    """The last case number given in a year; raised under the lock of its row."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.year}: {self.last}"


#: What can be asked of a case; to log one, or to run an organisation, opens none.
OF_A_CASE = frozenset(
    {
        Permission.CASE_TAKE,
        Permission.CASE_VIEW,
        Permission.CASE_WORK,
        Permission.CASE_ASSIGN,
        Permission.FIGURES_VIEW,
    }
)


def hidden_from(user) -> QuerySet:
    """The cases (by id) hidden from a unit at which, or below which, this user holds an office now (S4.17).

    From the few offices of one user up the tree to the few open bars; it does not look at cases.
    """
    offices = Appointment.objects.live().filter(user=user).order_by().values("organisation")
    barred = Closure.objects.filter(descendant__in=offices).values("ancestor")
    bars = apps.get_model("cases", "CaseBar").objects
    return bars.filter(ended_at__isnull=True, organisation__in=barred).order_by().values("case")


def helps(whom: Q) -> Q:
    """The cases that help somebody of whom this is true."""
    return Q(Exists(CaseParty.objects.filter(whom, case=OuterRef("pk"), role__in=HELPED)))


def women() -> Q:
    """Of a person on a case: a woman."""
    return Q(person__gender=Person.Gender.FEMALE)


def young(day) -> Q:
    """Of a person on a case: 35 or younger on a day."""
    return Q(person__born_on__gt=born_after(day))


class CaseQuerySet(models.QuerySet):
    def permitted(self, user, permission):
        """The cases on which this user holds this permission (ADR 5).

        Through an appointment that reaches the desk, by carrying the case, by an open offer of hand-over (to look
        only), or by a live share. A restricted case opens for named people alone: who carries it, and shares by name.
        An office for women and young workers counts only the cases that help one of them (S0.7).
        A case hidden from a unit opens for nobody who holds an office there or below, unless they are named (S4.17).
        Small statements find the desks and the named cases first, so that the database can use its indexes.
        """
        if not user.is_authenticated or not user.is_active or permission not in OF_A_CASE:
            return self.none()
        by_desk = self._in_reach_of(user, permission)
        unassigned = Q(assignee__isnull=True, status__in=[Status.NEW, Status.RUNNING])
        plain = Q(is_restricted=False) & ~Q(pk__in=hidden_from(user))
        if permission == Permission.CASE_TAKE:
            return self.filter(by_desk & unassigned & plain)
        if permission == Permission.FIGURES_VIEW:
            return self.filter(by_desk & plain)
        named = Q(assignee=user) | Q(pk__in=self._named(user, permission))
        if permission == Permission.CASE_VIEW:
            takeable = Q(desk__in=Organisation.objects.narrowed_reach_of(user, Permission.CASE_TAKE)) & unassigned
            return self.filter(named | (plain & (by_desk | takeable)))
        if permission == Permission.CASE_WORK:
            return self.filter(named | (plain & by_desk))
        return self.filter(by_desk & (plain | named))

    def _in_reach_of(self, user, permission) -> Q:
        reach_of = Organisation.objects.narrowed_reach_of
        if permission != Permission.FIGURES_VIEW or not user.looks_at_a_part:
            return Q(desk__in=reach_of(user, permission))
        part = Q(desk__in=reach_of(user, permission, looks_at=LooksAt.WOMEN_YOUNG))
        return Q(desk__in=reach_of(user, permission, looks_at="")) | part & helps(women() | young(timezone.localdate()))

    def _named(self, user, permission) -> list[int]:
        """The cases shared with this user by name or through a unit, and (to look) those offered to them."""
        live = CaseShare.objects.live(timezone.now())
        reach = Organisation.objects.in_reach_of(user, Permission.CASE_VIEW)
        through_unit = Q(organisation__in=reach, case__is_restricted=False) & ~Q(case__in=hidden_from(user))
        cases = live.filter(Q(user=user) | through_unit).order_by().values_list("case", flat=True)
        if permission == Permission.CASE_VIEW:
            offers = self.model._meta.get_field("handovers").related_model.objects
            mine = offers.filter(to_user=user, state=HandOverState.OFFERED).exclude(case__in=hidden_from(user))
            cases = cases.union(mine.order_by().values_list("case", flat=True))
        return list(cases)

    def open(self):
        return self.exclude(status=Status.CLOSED)

    def unassigned(self):
        return self.open().filter(assignee__isnull=True)

    def emergencies(self):
        return self.open().filter(urgency=Urgency.EMERGENCY)

    def overdue(self, now):
        """Open cases whose next due moment has passed."""
        return self.open().filter(next_due_at__lt=now)

    def silent_since(self, moment):
        """Open cases on which nobody wrote a fact since a moment."""
        return self.open().filter(last_event_at__lt=moment)

    def for_rows(self):
        """With what a row of a list shows, in one query."""
        return self.select_related("assignee", "desk", "place", "problem_type")


class Case(models.Model):
    """What we do for one patient or worker (or many, when collective). Status, turn and due move through events only."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=CaseKind, default=CaseKind.INDIVIDUAL)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="sub_cases")
    desk = models.ForeignKey(Organisation, models.PROTECT, related_name="cases", verbose_name=_("desk (posko)"))
    title = SealableTextField(_("in one line"), max_length=140)
    story = SealableTextField(_("what happened"))
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency, default=Urgency.UNKNOWN)
    red_flags = models.JSONField(_("red flags"), default=list, blank=True)
    problem_type = models.ForeignKey(
        ProblemType, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("main problem")
    )
    problem_types = models.ManyToManyField(ProblemType, blank=True, related_name="cases", verbose_name=_("problems"))
    place = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("facility or office")
    )
    place_note = SealableTextField(_("where exactly"), max_length=160, blank=True)
    whereabouts = models.CharField(_("where now"), max_length=10, choices=Whereabouts, blank=True, default="")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("region"))
    zone = models.CharField(_("time zone"), max_length=20, choices=Zone, default=Zone.WIB)
    channel = models.CharField(_("how it came"), max_length=12, choices=Channel, blank=True, default="")
    membership = models.CharField(_("union member?"), max_length=10, choices=Membership, blank=True, default="")
    occurred_text = SealableTextField(_("when, as told"), max_length=120, blank=True)
    occurred_at = models.DateTimeField(_("when"), null=True, blank=True)
    initials = models.CharField(_("initials"), max_length=12, blank=True, editable=False)
    diagnosis = EncryptedTextField(_("diagnosis, as told"), blank=True)
    diagnosis_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    is_restricted = models.BooleanField(_("restricted"), default=False)
    restriction = models.CharField(_("why restricted"), max_length=15, choices=Restriction, blank=True, default="")
    reported_at = models.DateTimeField(_("when the report reached us"), null=True, blank=True)
    programmes = models.ManyToManyField(
        "cases.Programme", blank=True, related_name="cases", verbose_name=_("programmes")
    )

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NEW, editable=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="cases", editable=False
    )
    next_actor = models.CharField(max_length=10, choices=Actor, default=Actor.US, editable=False)
    next_actor_name = models.CharField(max_length=120, blank=True, editable=False)
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_due_is_day = models.BooleanField(default=False, editable=False)
    died_at = models.DateTimeField(_("died"), null=True, blank=True, editable=False)
    outcome = models.ForeignKey(Outcome, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    outcome_note = SealableTextField(blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(editable=False)
    last_event_at = models.DateTimeField(editable=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False, outcome__isnull=False)
                | (~Q(status="closed") & Q(closed_at__isnull=True, outcome__isnull=True)),
                name="closed_case_has_moment_and_outcome",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="case_has_a_title"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")), name="case_not_its_own_parent"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="case_newest"),
            models.Index(fields=["next_due_at"], name="case_next_due_open", condition=~Q(status="closed")),
            models.Index(fields=["desk", "-created_at"], name="case_of_desk"),
            models.Index(fields=["assignee", "next_due_at"], name="case_carried_open", condition=~Q(status="closed")),
            models.Index(fields=["desk", "next_due_at"], name="case_due_open", condition=~Q(status="closed")),
            models.Index(fields=["desk", "urgency"], name="case_urgency_open", condition=~Q(status="closed")),
            models.Index(fields=["desk", "last_event_at"], name="case_silent_open", condition=~Q(status="closed")),
        ]

    def __str__(self):
        return f"{self.number} {self.initials}".strip()

    def save(self, **kwargs):
        self.diagnosis_hash = keyed_hash(" ".join(self.diagnosis.lower().split()))
        super().save(**kwargs)

    @property
    def is_sealed(self) -> bool:
        """Whether the texts of this row, and of every row of this case, are cipher (DECISIONS 1)."""
        return self.is_restricted

    @property
    def is_open(self) -> bool:
        return self.status != Status.CLOSED

    @property
    def due_at(self):
        return self.next_due_at

    @property
    def due_day(self) -> bool:
        return self.next_due_is_day

    @property
    def about(self) -> str:
        """How messages and logs name this case: never by a name."""
        return f"case:{self.uuid}"


class CaseParty(models.Model):
    """A person in a role on a case; one person may hold several roles, and a role may be "not known yet"."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="parties")
    role = models.CharField(_("role"), max_length=10, choices=PartyRole)
    person = models.ForeignKey(Person, models.PROTECT, related_name="parties")
    relation = models.CharField(_("relation to the patient"), max_length=10, choices=Relation, blank=True, default="")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="set when the one who logged it is this person (saya sendiri)",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("person on the case")
        verbose_name_plural = _("people on the case")
        constraints = [
            models.UniqueConstraint(fields=["case", "role", "person"], name="a_person_has_a_role_once"),
            models.UniqueConstraint(
                fields=["case", "role"],
                condition=Q(role__in=["patient", "insured", "worker"]),
                name="one_patient_one_insured_one_worker",
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()} {self.person.initials}"


class CaseShareQuerySet(models.QuerySet):
    def live(self, now):
        """Shares in force at a moment."""
        return self.filter(from_at__lte=now).filter(Q(until_at__isnull=True) | Q(until_at__gt=now))


class CaseShare(models.Model):
    """A case opened to a unit or a named person from a moment to a moment, with its reason."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="shares")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    reason = SealableTextField(max_length=200, blank=True)
    has_consent = models.BooleanField(default=False)
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CaseShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, user__isnull=True)
                | Q(organisation__isnull=True, user__isnull=False),
                name="shared_with_a_unit_or_a_person",
            ),
        ]

    def __str__(self):
        return str(self.user or self.organisation)

    @property
    def is_sealed(self) -> bool:
        return self.case.is_restricted
