"""The registers of an organisation: how far a proposal is, and since when a finding is too old."""

from datetime import date

from django.db import models
from django.utils.translation import pgettext_lazy

#: A finding that is open for longer stands on a list of its own (PRACTICE S3.15).
OLD_DAYS = 30


class ProposalState(models.TextChoices):
    """How far a proposal is."""

    DRAFT = "draft", pgettext_lazy("proposal", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("proposal", "Submitted")
    REVIEWED = "reviewed", pgettext_lazy("proposal", "Being reviewed")
    FUNDED = "funded", pgettext_lazy("proposal", "Funded")
    REFUSED = "refused", pgettext_lazy("proposal", "Refused")
    DONE = "done", pgettext_lazy("proposal", "Carried out")


#: States in which an answer is still awaited.
AWAITED = frozenset({ProposalState.DRAFT, ProposalState.SUBMITTED, ProposalState.REVIEWED})


def days_open(since: date, *, today: date) -> int:
    """For how many days something stands open; nothing before its day."""
    return max(0, (today - since).days)


def is_old(found_on: date, *, today: date) -> bool:
    """Whether a finding is open for longer than it should be."""
    return days_open(found_on, today=today) > OLD_DAYS
