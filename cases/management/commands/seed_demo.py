import os
import secrets

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases.demo.stories import tell_stories
from cases.demo.union import build_union
from cases.models import Case
from cases.services import catalogue
from members.models import User


class Command(BaseCommand):
    """Build a believable union with cases at every stage, so that a new user sees a living system.

    On an empty database only. The password comes from DEMO_PASSWORD, else it is random; it is printed once, last.
    """

    help = "Fill an empty database with an invented union and its cases."

    def handle(self, *args, **options):
        if Case.objects.exists() or User.objects.exists():
            raise CommandError(
                _("The demo needs an empty database. Users or cases are already here; nothing was changed.")
            )
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_hex(8)
        now = timezone.now()
        with translation.override("id"), transaction.atomic():
            catalogue.load()
            union = build_union(password=password, now=now)
            tell_stories(union, now=now)
        self.stdout.write(
            _("%(users)d people, %(units)d units and %(cases)d cases are ready.")
            % {"users": len(union.users), "units": len(union.organisations), "cases": Case.objects.count()}
        )
        self.stdout.write(_("Sign in as: %(users)s") % {"users": ", ".join(union.logins)})
        self.stdout.write(_("Password: %(password)s") % {"password": password})
