"""Who was there: by invited organisation, with the missing ones named, and how the room divides (S0.10, S2.3, S2.11)."""

from dataclasses import dataclass
from statistics import mean

from members.models import Gathering
from members.rules.gatherings import Balance, Part, Presence, balance


@dataclass(frozen=True)
class PartyRow:
    """An invited organisation and how many of its people came."""

    name: str
    present: int
    invited: int

    @property
    def is_there(self) -> bool:
        return self.present > 0


@dataclass(frozen=True)
class Room:
    """The people of a gathering in numbers. ``is_counted`` once somebody is present; before, it is who is invited."""

    parties: list[PartyRow]
    invited: int
    confirmed: int
    present: int
    others: int
    balance: Balance
    is_counted: bool

    @property
    def there(self) -> int:
        return sum(row.is_there for row in self.parties)

    @property
    def missing(self) -> list[str]:
        return [row.name for row in self.parties if not row.is_there]


def of(gathering: Gathering) -> Room:
    """Two statements, however many people."""
    rows = list(gathering.attendances.values_list("party", "state", "gender", "is_young", "part"))
    present = [row for row in rows if row[1] == Presence.PRESENT]
    shown = present or [row for row in rows if row[1] != Presence.ABSENT]
    parties = [
        PartyRow(
            party.name,
            sum(row[0] == party.pk for row in present),
            sum(row[0] == party.pk for row in rows),
        )
        for party in gathering.parties.all()
    ]
    return Room(
        parties=sorted(parties, key=lambda row: (row.is_there, row.name)),
        invited=len(rows),
        confirmed=sum(row[1] == Presence.CONFIRMED for row in rows),
        present=len(present),
        others=sum(row[0] is None for row in present),
        balance=balance((row[2], row[3]) for row in shown if row[4] != Part.COMMITTEE),
        is_counted=bool(present),
    )


@dataclass(frozen=True)
class Opinion:
    """What people thought, in one number and their words."""

    count: int
    average: float | None
    useful: list[str]
    missing: list[str]


def opinion(gathering: Gathering) -> Opinion:
    """The feedback of a gathering."""
    rows = list(gathering.feedback.values_list("score", "useful", "missing")[:500])
    return Opinion(
        count=len(rows),
        average=round(mean(row[0] for row in rows), 1) if rows else None,
        useful=[row[1] for row in rows if row[1]],
        missing=[row[2] for row in rows if row[2]],
    )
