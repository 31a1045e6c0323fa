"""`manage.py remind`: once, to the end, what Beat would run now; prints what it did as JSON."""

import json
import time
from dataclasses import asdict

from django.core.management.base import BaseCommand
from django.utils import timezone

from cases.services import commitments, reminders
from members.services import access, delivery


class Command(BaseCommand):
    help = "Remind, deliver and seal once, to the end, and print what was done as JSON."

    def handle(self, *args, **options):
        started, now = time.monotonic(), timezone.now()
        done = {"reminded": asdict(reminders.remind_all(now=now))}
        done["commitments"] = commitments.remind_due(now=now)
        done["delivered"] = delivery.deliver_waiting(now=timezone.now()).as_dict()
        done["sealed"] = 0
        while sealed := access.seal(now=now):
            done["sealed"] += sealed
        done["seconds"] = round(time.monotonic() - started, 3)
        self.stdout.write(json.dumps(done))
