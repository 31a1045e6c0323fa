"""Modules of the programme: who writes them, draft → review → final, and what a package still lacks (S2.9–S2.13)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Competence, Gathering, Module, ModulePackage, ModuleReview, ModuleVersion, PackagePart, User
from members.rules.gatherings import NEXT_STATES, VersionState
from members.services import gatherings

MOST_VERSIONS = 200


def written_by(user: User) -> QuerySet[Module]:
    """The modules this user may write: of an organisation they look after, their own, or (a trainer from level
    "skilled") those they may teach.
    """
    if not user.is_authenticated or not user.is_active:
        return Module.objects.none()
    taught = Competence.objects.filter(
        user=user, skill=Competence.Skill.TRAINER, level__gte=Competence.Level.SKILLED, module__isnull=False
    )
    return Module.objects.filter(
        Q(organisation__in=gatherings.run_organisations(user)) | Q(owner=user) | Q(pk__in=taught.values("module"))
    )


def current(module: Module) -> ModuleVersion | None:
    """The text that holds: the newest final one."""
    return module.versions.filter(state=VersionState.FINAL).order_by("-number").first()


@transaction.atomic
def write(
    *,
    module: Module,
    text: str,
    by: User,
    changes: str = "",
    gathering: Gathering | None = None,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> ModuleVersion:
    """Add a draft as the next version; a repeated key gives back the first. Earlier texts stay as they are."""
    Module.objects.select_for_update().get(pk=module.pk)
    if submit_key and (first := module.versions.filter(submit_key=submit_key).first()):
        return first
    last = module.versions.aggregate(last=Max("number"))["last"] or 0
    if last >= MOST_VERSIONS:
        raise ValidationError(_("This module has too many versions."))
    return ModuleVersion.objects.create(
        module=module,
        number=last + 1,
        text=text,
        changes=changes,
        gathering=gathering,
        made_at=now or timezone.now(),
        made_by=by,
        submit_key=submit_key,
    )


@transaction.atomic
def move(*, version: ModuleVersion, to: str, now: datetime | None = None) -> ModuleVersion:
    """Draft → review → final, or back to draft. Final needs somebody who reviewed it. Raises ValidationError."""
    held = ModuleVersion.objects.select_for_update().get(pk=version.pk)
    if held.state == to:
        return held
    if to not in NEXT_STATES[held.state]:
        raise ValidationError(_("This version has moved on meanwhile. Look again."))
    if to == VersionState.FINAL:
        if not held.reviews.exists():
            raise ValidationError(_("Nobody has reviewed this version yet."))
        held.final_at = now or timezone.now()
    held.state = to
    held.save()
    return held


@transaction.atomic
def review(*, version: ModuleVersion, reviewer: str, note: str, by: User, now: datetime | None = None) -> ModuleReview:
    """Note who looked at a version and what they said; a final text takes no more remarks."""
    held = ModuleVersion.objects.select_for_update().get(pk=version.pk)
    if held.state == VersionState.FINAL:
        raise ValidationError(_("A final text takes no more remarks. Write a new version."))
    said = {"version": held, "reviewer": reviewer or str(by), "note": note, "by": by}
    known = ModuleReview.objects.filter(**said).first()
    return known or ModuleReview.objects.create(**said, at=now or timezone.now())


@dataclass(frozen=True)
class Part:
    """A place of a package with the text that fills it, if there is one."""

    part: PackagePart
    version: ModuleVersion | None

    @property
    def is_missing(self) -> bool:
        return self.version is None


@dataclass(frozen=True)
class Package:
    """A package, its parts in order, and which are still missing."""

    package: ModulePackage
    parts: list[Part]

    @property
    def missing(self) -> list[Part]:
        return [part for part in self.parts if part.is_missing]


def packages() -> list[Package]:
    """Every package with its parts; three statements however many there are."""
    finals: dict[int, ModuleVersion] = {}
    rows = ModuleVersion.objects.filter(state=VersionState.FINAL, module__parts__isnull=False)
    for version in rows.select_related("module").defer("text").order_by("number"):
        finals[version.module_id] = version
    return [
        Package(
            package,
            [Part(part, finals.get(part.module_id) if part.module_id else None) for part in package.parts.all()],
        )
        for package in ModulePackage.objects.select_related("organisation").prefetch_related("parts__module")
    ]
