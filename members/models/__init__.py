from members.models.access_log import AccessLog, AccessSeal, AppendOnly
from members.models.advocate import AdvocatePath, Competence, MisuseReport, VolunteerCard, VolunteerProfile
from members.models.appointment import Appointment
from members.models.board import BoardTerm, Office, Registration
from members.models.body import Body, BodyKind
from members.models.body_fix import BodyFix
from members.models.calendar import CalendarFeed
from members.models.fields import (
    EncryptedTextField,
    SealableJSONField,
    SealableTextField,
    Sealed,
    cipher,
    keyed_hash,
    seal,
    sealable_fields,
    unseal,
)
from members.models.gathering import (
    AgendaItem,
    Attendance,
    Certificate,
    Feedback,
    Gathering,
    GatheringOutput,
    GatheringParty,
    GatheringSeries,
    Topic,
)
from members.models.gathering_photo import GatheringPhoto
from members.models.imports import Import, ImportRow
from members.models.invitation import Invitation
from members.models.message import Message, Tick
from members.models.module import Module, ModulePackage, ModuleReview, ModuleVersion, PackagePart, TrainingPlan
from members.models.organisation import Affiliation, Closure, Organisation, OrganisationKind
from members.models.person import Contact, Identifier, Person, PersonMerge
from members.models.region import Region
from members.models.register import Announcement, Finding, Proposal
from members.models.sector import Sector, Vulnerability
from members.models.user import PLEDGE_VERSION, User
from members.models.work import (
    CoverageSurvey,
    CoverRow,
    Employment,
    Household,
    HouseholdMember,
    Membership,
    PersonVulnerability,
)

__all__ = [
    "PLEDGE_VERSION",
    "AccessLog",
    "AccessSeal",
    "AdvocatePath",
    "Affiliation",
    "AgendaItem",
    "Announcement",
    "AppendOnly",
    "Appointment",
    "Attendance",
    "BoardTerm",
    "Body",
    "BodyFix",
    "BodyKind",
    "CalendarFeed",
    "Certificate",
    "Closure",
    "Competence",
    "Contact",
    "CoverRow",
    "CoverageSurvey",
    "Employment",
    "EncryptedTextField",
    "Feedback",
    "Finding",
    "Gathering",
    "GatheringOutput",
    "GatheringParty",
    "GatheringPhoto",
    "GatheringSeries",
    "Household",
    "HouseholdMember",
    "Identifier",
    "Import",
    "ImportRow",
    "Invitation",
    "Membership",
    "Message",
    "MisuseReport",
    "Module",
    "ModulePackage",
    "ModuleReview",
    "ModuleVersion",
    "Office",
    "Organisation",
    "OrganisationKind",
    "PackagePart",
    "Person",
    "PersonMerge",
    "PersonVulnerability",
    "Proposal",
    "Region",
    "Registration",
    "SealableJSONField",
    "SealableTextField",
    "Sealed",
    "Sector",
    "Tick",
    "Topic",
    "TrainingPlan",
    "User",
    "VolunteerCard",
    "VolunteerProfile",
    "Vulnerability",
    "cipher",
    "keyed_hash",
    "seal",
    "sealable_fields",
    "unseal",
]
