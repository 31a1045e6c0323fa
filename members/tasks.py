"""What runs by itself: each task wakes one service with the present moment. Running one twice does nothing twice."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from members.services import access, boards, delivery, imports, people, ticks

#: A run of delivery ends before the next beat, so that a slow mail server never holds all the workers.
DELIVER_SECONDS = 25


@shared_task
def deliver():
    """Send the messages whose turn has come."""
    ticks.stamp("deliver", now=timezone.now())
    delivery.deliver_waiting(now=timezone.now(), seconds=DELIVER_SECONDS)


@shared_task
def seal_access_log():
    """Chain the rows of the access log that have settled."""
    ticks.stamp("seal", now=timezone.now())
    access.seal(now=timezone.now())


@shared_task
def clear_sessions():
    """Delete the sessions whose time is over."""
    call_command("clearsessions")


@shared_task
def tell_ends():
    """Tell whose term, or paid cover, ends soon."""
    boards.remind(now=timezone.now())
    people.remind_lapses(now=timezone.now())


@shared_task
def bring_in_lists():
    """Go on with the imports that wait."""
    imports.run_waiting(now=timezone.now())
