import json

from django.core.management.base import BaseCommand

from cases.services.catalogue import load
from members.services import known


class Command(BaseCommand):
    """Load regions, kinds, the catalogue and the organisations of the sources. Running it again changes only what the files changed."""

    help = "Load the reference data (regions, kinds, problem types, event types, outcomes, emergency lines, known organisations)."

    def handle(self, *args, **options):
        report = {**load(), "organisations": known.load()}
        self.stdout.write(json.dumps(report, indent=2))
