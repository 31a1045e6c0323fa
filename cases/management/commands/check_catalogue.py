import json
import sys

from django.core.management.base import BaseCommand

from cases.services import catalogue_check


class Command(BaseCommand):
    """Count the catalogue and name its holes; a hole ends the command with 1."""

    help = "Check the catalogue of law and practice for holes."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args, **options):
        holes = catalogue_check.holes()
        report = {**catalogue_check.counts(), "holes": holes}
        if options["json"]:
            self.stdout.write(json.dumps(report, indent=2, ensure_ascii=False))
        else:
            for name, number in report.items():
                if name != "holes":
                    self.stdout.write(f"{name}: {number}")
            for hole in holes:
                self.stdout.write(f"! {hole}")
        if holes:
            sys.exit(1)
