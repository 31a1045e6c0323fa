from django.core.management.base import BaseCommand

from cases.services import words


class Command(BaseCommand):
    """Write the index of searches anew; needed after rows were written past the services, and harmless at any time."""

    help = "Build the index of searches anew from the cases."

    def handle(self, *args, **options):
        self.stdout.write(f"{words.rebuild()} cases can be found by their words.")
