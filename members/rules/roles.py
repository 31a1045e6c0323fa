"""What each role may do. The only file that says so."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The role of an appointment at an organisation; it reaches downwards unless RULES below says otherwise."""

    ADVOCATE = "advocate", _("Advocate (relawan)")
    COORDINATOR = "coordinator", _("Coordinator")
    LEADER = "leader", _("Leader (figures only)")
    FEDERATION_ADMIN = "federation_admin", _("Federation admin")


class Permission(models.TextChoices):
    """A thing that may be done, asked for by name at every list, page, count and file."""

    CASE_LOG = "case_log", _("Log a case")
    CASE_TAKE = "case_take", _("See and take unassigned cases")
    CASE_VIEW = "case_view", _("Open a case")
    CASE_WORK = "case_work", _("Write on a case")
    CASE_ASSIGN = "case_assign", _("Assign a case")
    FIGURES_VIEW = "figures_view", _("See figures")
    ORGANISATION_ADMIN = "organisation_admin", _("Run organisations and users")
    MEMBERS_VIEW = "members_view", _("See and keep the members of an organisation")
    MEMBERS_IMPORT = "members_import", _("Bring in lists of members and units")
    ANNOUNCE = "announce", _("Announce something to everybody below")


GRANTS: dict[str, frozenset[str]] = {
    Role.ADVOCATE: frozenset({Permission.CASE_LOG, Permission.CASE_TAKE}),
    Role.COORDINATOR: frozenset(
        {
            Permission.CASE_LOG,
            Permission.CASE_TAKE,
            Permission.CASE_VIEW,
            Permission.CASE_WORK,
            Permission.CASE_ASSIGN,
            Permission.FIGURES_VIEW,
            Permission.MEMBERS_VIEW,
            Permission.MEMBERS_IMPORT,
            Permission.ANNOUNCE,
        }
    ),
    Role.LEADER: frozenset({Permission.FIGURES_VIEW, Permission.ANNOUNCE}),
    Role.FEDERATION_ADMIN: frozenset(
        {Permission.ORGANISATION_ADMIN, Permission.MEMBERS_VIEW, Permission.MEMBERS_IMPORT, Permission.ANNOUNCE}
    ),
}

#: Roles that must sign in with a second factor (TRUST R5).
SECOND_FACTOR_ROLES = frozenset({Role.COORDINATOR, Role.FEDERATION_ADMIN})

#: Roles that read cases or names and so accept the code of conduct and the pledge first.
PLEDGE_ROLES = frozenset({Role.ADVOCATE, Role.COORDINATOR})


def roles_granting(permission: str) -> list[str]:
    """The roles that grant this permission within their reach."""
    return sorted(role for role, granted in GRANTS.items() if permission in granted)


class LooksAt(models.TextChoices):
    """A part of the figures that an office is for (PRACTICE S0.7); without one it is for all of them."""

    WOMEN_YOUNG = "women_young", _("Women and young workers only")
