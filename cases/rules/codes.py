"""The fixed words of a case: urgency, status, whose turn, roles and kinds. Everything an admin may edit is a row instead."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Urgency(models.TextChoices):
    """How soon it must move; RULES 3 calls them KRITIS, MENDESAK, BIASA."""

    EMERGENCY = "emergency", _("Emergency")
    URGENT = "urgent", _("Urgent")
    ORDINARY = "ordinary", _("Ordinary")
    UNKNOWN = "unknown", _("Not known yet")


class Status(models.TextChoices):
    """Where a case stands; it moves only through events (services.timeline)."""

    NEW = "new", pgettext_lazy("case", "New")
    RUNNING = "running", _("Running")
    CLOSED = "closed", _("Closed")


class Actor(models.TextChoices):
    """Whose turn it is."""

    US = "us", _("Our turn")
    BODY = "body", _("The office's turn")
    FAMILY = "family", _("The family's turn")


class CaseKind(models.TextChoices):
    INDIVIDUAL = "individual", _("One person")
    COLLECTIVE = "collective", _("Collective")


class PartyRole(models.TextChoices):
    """The roles that may be four people (HOUSE 7)."""

    REPORTER = "reporter", _("Reporter")
    PATIENT = "patient", _("Patient")
    INSURED = "insured", _("Insured person")
    WORKER = "worker", _("Worker")
    HEIR = "heir", _("Heir")
    GUARDIAN = "guardian", _("Guardian")
    AFFECTED = "affected", _("Affected person")
    OTHER = "other", _("Other contact")


#: Those whom a case helps: their sex, age, work and union are those of the case.
HELPED = (PartyRole.PATIENT, PartyRole.INSURED, PartyRole.WORKER)


class Relation(models.TextChoices):
    """What the person is to the patient."""

    UNKNOWN = "", _("Not known yet")
    SELF = "self", _("The patient")
    SPOUSE = "spouse", _("Husband or wife")
    PARENT = "parent", _("Parent")
    CHILD = "child", _("Child")
    SIBLING = "sibling", _("Brother or sister")
    RELATIVE = "relative", _("Other family")
    NEIGHBOUR = "neighbour", _("Neighbour or friend")
    COLLEAGUE = "colleague", _("Colleague")
    OFFICER = "officer", _("Union officer")
    ADVOCATE = "advocate", _("Relawan")
    FACILITY = "facility", _("Facility staff")
    OTHER = "other", pgettext_lazy("relation", "Other")


class Whereabouts(models.TextChoices):
    """Where the patient is now."""

    FACILITY = "facility", _("At a facility")
    HOME = "home", _("At home")
    ROAD = "road", _("On the road")
    WORK = "work", _("At work")
    UNKNOWN = "", _("Not known yet")


class Membership(models.TextChoices):
    """Whether the one helped is of the union; most reports do not say (PRACTICE A10)."""

    UNKNOWN = "", _("Not known yet")
    MEMBER = "member", _("Union member")
    FAMILY = "family", _("Family of a member")
    PUBLIC = "public", _("Not a member")


class Channel(models.TextChoices):
    """How the report reached us."""

    UNKNOWN = "", _("Not known yet")
    WHATSAPP = "whatsapp", _("WhatsApp")
    CALL = "call", _("Phone call")
    MISSED_CALL = "missed_call", _("Missed call")
    MEETING = "meeting", _("Meeting or face to face")
    OFFICER = "officer", _("Through a union officer")
    MEDIA = "media", _("News or social media")
    OTHER = "other", pgettext_lazy("channel", "Other")


class FollowUpKind(models.TextChoices):
    """What kind of act a follow-up is."""

    ACT = "act", _("Something to do")
    CALL = "call", _("Call")
    MESSAGE = "message", _("Send a message")
    LETTER = "letter", _("Letter")
    PAPER = "paper", _("Get a paper")
    VISIT = "visit", _("Visit")
    CARE = "care", _("Treatment of the patient")
    CONSENT = "consent", _("Ask for consent")
    ANSWER = "answer", _("Wait for an answer")


#: Kinds that end when the patient dies; the others (papers, letters, claims) outlive them (ADR 24).
FOR_THE_LIVING = frozenset({FollowUpKind.CARE, FollowUpKind.CONSENT})


class FollowUpState(models.TextChoices):
    OPEN = "open", pgettext_lazy("follow-up", "Open")
    DONE = "done", pgettext_lazy("follow-up", "Done")
    CANCELLED = "cancelled", pgettext_lazy("follow-up", "Cancelled")


class HandOverState(models.TextChoices):
    OFFERED = "offered", _("Waiting for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class EventCode:
    """The event types the code itself writes or reads; the rows live in cases/data/event_types.json."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    TAKEN = "taken"
    RELEASED = "released"
    HANDOVER_OFFERED = "handover_offered"
    HANDOVER_ACCEPTED = "handover_accepted"
    HANDOVER_DECLINED = "handover_declined"
    HANDOVER_WITHDRAWN = "handover_withdrawn"
    FOLLOW_UP_SET = "follow_up_set"
    FOLLOW_UP_DONE = "follow_up_done"
    FOLLOW_UP_MOVED = "follow_up_moved"
    FOLLOW_UP_CANCELLED = "follow_up_cancelled"
    EDITED = "edited"
    CORRECTED = "corrected"
    PARTY_ADDED = "party_added"
    PARTY_EDITED = "party_edited"
    IDENTITY_KEPT = "identity_kept"
    ATTACHMENT_ADDED = "attachment_added"
    CLAIM_ADDED = "claim_added"
    CLOSED = "closed"
    REOPENED = "reopened"
    WHATSAPP_SENT = "whatsapp_sent"
    NUDGED = "nudged"
    ESCALATED = "escalated"
    CLOCK_STARTED = "clock_started"
    CLOCK_PAUSED = "clock_paused"
    CLOCK_RESUMED = "clock_resumed"
    CLOCK_STOPPED = "clock_stopped"
    CLOCK_WAIVED = "clock_waived"
    CLOCK_MOVED = "clock_moved"
    RESTRICTED = "restricted"
    UNRESTRICTED = "unrestricted"
    BARRED = "barred"
    SHARED = "shared"
    SHARE_ENDED = "share_ended"
    CONSENT_STATED = "consent_stated"
    FACILITY_ASKED = "facility_asked"
    COMPLAINT_SENT = "complaint_sent"
    LETTER_ANSWERED = "letter_answered"
    ANSWERED = "answered"
    PROMISED = "promised"
    PROMISE_ASKED = "promise_asked"
    PROMISE_ENDED = "promise_ended"
    PROMISE_MET = "promise_condition_met"
    MONEY_NOTED = "money_noted"
    PAPER_MOVED = "paper_moved"
    COUNTED = "counted"
    PARTNER_ADDED = "partner_added"
    SUB_CASE_ADDED = "sub_case_added"
    DIED = "died"
    NOTE = "note"
