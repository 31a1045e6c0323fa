"""What an administrator reaches: the organisations below their appointment and the people who serve there."""

from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from members.models import Appointment, Closure, Organisation, User
from members.rules.roles import Permission, Role, roles_granting


def may_administer(user) -> bool:
    """Whether this user runs organisations today, by a live appointment or as system admin."""
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or Role.FEDERATION_ADMIN in user.live_roles


def organisations_of(admin: User) -> QuerySet[Organisation]:
    """The organisations an administrator runs."""
    if admin.is_superuser and admin.is_active:
        return Organisation.objects.all()
    return Organisation.objects.in_reach_of(admin, Permission.ORGANISATION_ADMIN)


def users_of(admin: User) -> QuerySet[User]:
    """The people who hold or held an office there; a system admin is shown to system admins alone."""
    if admin.is_superuser and admin.is_active:
        return User.objects.all()
    here = Appointment.objects.filter(user=OuterRef("pk"), organisation__in=organisations_of(admin))
    return User.objects.filter(Exists(here), is_superuser=False)


def answers_for(admin: User, user: User) -> bool:
    """Whether an administrator may act on the account itself: not their own, and nobody who also serves elsewhere."""
    if admin.pk == user.pk or not may_administer(admin):
        return False
    if admin.is_superuser:
        return True
    elsewhere = user.appointments.live().exclude(organisation__in=organisations_of(admin))
    return users_of(admin).filter(pk=user.pk).exists() and not elsewhere.exists()


def nearest_admins(organisation: Organisation, *, on: date) -> list[User]:
    """Who runs an organisation on a day: the admins of the nearest level that has any, else the system admins."""
    links = (
        Closure.objects.filter(
            Q(ancestor__appointments__until_on__isnull=True) | Q(ancestor__appointments__until_on__gte=on),
            Q(ancestor__appointments__region__isnull=True)
            | Q(descendant__region=F("ancestor__appointments__region"))
            | Q(descendant__region__parent=F("ancestor__appointments__region")),
            descendant=organisation,
            ancestor__appointments__role__in=roles_granting(Permission.ORGANISATION_ADMIN),
            ancestor__appointments__from_on__lte=on,
            ancestor__appointments__user__is_active=True,
        )
        .order_by("depth")
        .values_list("depth", "ancestor__appointments__user")
    )
    rows = list(links)
    nearest = {user for depth, user in rows if depth == rows[0][0]}
    if not nearest:
        return list(User.objects.filter(is_superuser=True, is_active=True).order_by("pk"))
    return list(User.objects.filter(pk__in=nearest).order_by("pk"))
