"""What runs by itself: each task wakes one service with the present moment. Running one twice does nothing twice."""

from celery import shared_task
from django.utils import timezone

from cases.forms import made_lists
from cases.forms.saved_views import shown_by
from cases.reports.papers_out import BUILDERS
from cases.rules.printing import PrintKind
from cases.services import attachments, commitments, printouts, reminders, saved_views, words
from members.services import ticks


@shared_task
def remind():
    """Tell what has come due."""
    ticks.stamp("remind", now=timezone.now())
    reminders.remind_all(now=timezone.now())
    commitments.remind_due(now=timezone.now())


@shared_task
def sweep_papers():
    """Delete papers whose seven days are over, and files that no row speaks of."""
    printouts.forget_old(now=timezone.now())
    attachments.sweep(now=timezone.now())


@shared_task
def make_papers():
    """Make the papers that wait."""
    printouts.run_waiting({**BUILDERS, PrintKind.LIST: made_lists.build}, now=timezone.now())


@shared_task
def refresh_words():
    """Let cases be found by the new name of whoever, or whatever place, was renamed."""
    words.refresh_renamed(now=timezone.now())


@shared_task
def tell_views():
    """Tell whoever wants it that a saved view gained cases."""
    saved_views.tell_gains(shows=shown_by, now=timezone.now())
