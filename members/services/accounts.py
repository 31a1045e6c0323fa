"""Accounts: the first admin, the pledge, e-mail, and what an administrator may do to somebody's access."""

import json
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from cryptography.fernet import InvalidToken
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import PLEDGE_VERSION, AccessLog, Invitation, User, cipher
from members.services import access, administration

EMAIL_PURPOSE = "new address"
EMAIL_LINK_AGE = 24 * 3600


@transaction.atomic
def create_first_admin(*, username: str, email: str, password: str, full_name: str = "") -> User:
    """The account that invites everyone else on an empty installation. Raises ValidationError when there are users."""
    if User.objects.exists():
        raise ValidationError(_("There are accounts already. Ask an admin for an invitation."))
    user = User(username=username, email=User.objects.normalize_email(email), full_name=full_name or username)
    user.is_superuser = user.is_staff = True
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save()
    return user


def accept_pledge(*, user: User, now: datetime | None = None) -> None:
    """The user accepts the code of conduct and pledge in its present wording."""
    user.pledge_version = PLEDGE_VERSION
    user.pledge_at = now or timezone.now()
    user.save(update_fields=["pledge_version", "pledge_at"])


def has_second_factor(user: User) -> bool:
    """Whether an authenticator app or a passkey is set up."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user_id=user.pk, type__in=kinds).exists()


def account_behind(login: str) -> str:
    """What tries to sign in are counted by: one key for the user name and the e-mail of an account."""
    login = login.strip().lower()[:254]
    found = User.objects.filter(Q(username__iexact=login) | Q(email__iexact=login)).order_by("pk")
    pk = found.values_list("pk", flat=True).first()
    return f"user:{pk}" if pk else f"nobody:{login}"


# --- Sessions ------------------------------------------------------------------------------------------------------


def sessions_of(user: User) -> list[UserSession]:
    """The devices on which this user is signed in, the one used last first; dead ones are swept away."""
    return sorted(UserSession.objects.purge_and_list(user), key=lambda session: session.last_seen_at, reverse=True)


def end_sessions(user: User, *, but: str | None = None, only: int | None = None) -> int:
    """Sign a user out on every device, but not in the session with key ``but``; ``only`` names one row."""
    sessions = UserSession.objects.filter(user=user)
    if only is not None:
        sessions = sessions.filter(pk=only)
    ended = 0
    for session in sessions:
        if session.session_key != but:
            session.end()
            ended += 1
    return ended


def seen(session_key: str, *, now: datetime) -> None:
    """Note on the list of devices that a session was just used."""
    UserSession.objects.filter(session_key=session_key).update(last_seen_at=now)


# --- What an administrator does to an account ----------------------------------------------------------------------


def _check(admin: User, user: User) -> None:
    if not administration.answers_for(admin, user):
        raise ValidationError(_("Ask an admin who runs every place where this person serves."))


def _log(act: str, user: User, *, by: User, address: str) -> None:
    access.record(AccessLog.Action.ADMIN_VIEW, by=by, kind="user", uuid=user.uuid, reason=act, address=address)


@transaction.atomic
def deactivate(*, user: User, by: User, address: str = "") -> None:
    """Close an account: signed out everywhere within one request, its invitations void. Raises ValidationError."""
    _check(by, user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user)
    Invitation.objects.filter(invited_by=user, accepted_at__isnull=True).update(expires_at=timezone.now())
    _log("deactivated", user, by=by, address=address)


@transaction.atomic
def reactivate(*, user: User, by: User, address: str = "") -> None:
    """Open a closed account again; its appointments are what they were. Raises ValidationError."""
    _check(by, user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _log("reactivated", user, by=by, address=address)


@transaction.atomic
def reset_second_factor(*, user: User, by: User, address: str = "") -> int:
    """Take away somebody else's keys and codes, because the phone is lost, and sign them out everywhere.

    Nobody does this to themselves (TRUST R5). Returns how many were taken. Raises ValidationError.
    """
    _check(by, user)
    taken, _by_kind = Authenticator.objects.filter(user_id=user.pk).delete()
    end_sessions(user)
    _log("second factor reset", user, by=by, address=address)
    return taken


@transaction.atomic
def make_system_admin(*, user: User, by: User, address: str = "") -> None:
    """Give the whole installation into somebody else's hands too. Raises ValidationError unless ``by`` holds it."""
    _set_system_admin(user, True, by=by, address=address)


@transaction.atomic
def unmake_system_admin(*, user: User, by: User, address: str = "") -> None:
    """Take it back; nobody does so to themselves, so one always remains. Raises ValidationError."""
    _set_system_admin(user, False, by=by, address=address)


def _set_system_admin(user: User, is_one: bool, *, by: User, address: str) -> None:
    if not by.is_superuser or not by.is_active or by.pk == user.pk:
        raise ValidationError(_("Only another system admin may do this."))
    user.is_superuser = is_one
    user.save(update_fields=["is_superuser"])
    end_sessions(user)
    _log("made system admin" if is_one else "no longer system admin", user, by=by, address=address)


# --- E-mail --------------------------------------------------------------------------------------------------------


def email_token(*, user: User, email: str) -> str:
    """What the link to a new address carries, unreadable: dead after a day, after any other change, for anyone else."""
    return cipher().encrypt(json.dumps([EMAIL_PURPOSE, user.pk, user.email, email]).encode()).decode()


def email_of_token(token: str, *, user: User) -> str | None:
    """The address that this user wanted to move to, or None for a link that is not theirs, used or too old."""
    try:
        purpose, pk, before, email = json.loads(cipher().decrypt(token.encode(), ttl=EMAIL_LINK_AGE))
    except (InvalidToken, ValueError, TypeError):
        return None
    return email if (purpose, pk, before) == (EMAIL_PURPOSE, user.pk, user.email) else None


@transaction.atomic
def change_email(*, user: User, email: str) -> None:
    """Move an account to another address. Raises ValidationError when somebody else has it."""
    email = User.objects.normalize_email(email)
    if User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists():
        raise ValidationError(_("This address belongs to another account."))
    user.email = email
    user.save(update_fields=["email"])
    forget_former_addresses(user)


def forget_former_addresses(user: User) -> None:
    """allauth keeps a list of its own beside `User.email`; an address that was given up opens nothing any more."""
    EmailAddress.objects.filter(user=user).delete()
