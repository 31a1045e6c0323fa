"""How long a session lasts, and when names lock (ADR 17)."""

from dataclasses import dataclass

#: Seconds.
IDLE = 30 * 60
ABSOLUTE = 12 * 3600
DEVICE = 14 * 24 * 3600
WARNING = 2 * 60
#: Without an act for so long, names close on a relawan's phone; the quick log stays open.
LOCK = 30 * 60


@dataclass(frozen=True)
class Limits:
    """When a session ends: ``idle`` after the last act (None: never), ``absolute`` after sign-in."""

    idle: int | None
    absolute: int

    def rest(self, *, now: float, signed_in_at: float, seen_at: float) -> int:
        """Seconds left; 0 when it is over. A clock set back never lengthens a session beyond its limits."""
        ends = [signed_in_at + self.absolute]
        if self.idle is not None:
            ends.append(seen_at + self.idle)
        rest = min(ends) - now
        longest = self.absolute if self.idle is None else min(self.idle, self.absolute)
        return max(0, min(int(rest), longest))


#: Coordinators and admins, and whoever must hold a second factor but has none.
SHORT = Limits(idle=IDLE, absolute=ABSOLUTE)
#: A relawan on a phone that holds a second factor.
LONG = Limits(idle=None, absolute=DEVICE)


def limits_for(*, has_authority: bool, has_second_factor: bool, second_factor_asked: bool) -> Limits:
    """The limits of a user: ``has_authority`` for coordinators and admins; the demo asks no second factor."""
    if has_authority:
        return SHORT
    return LONG if has_second_factor or not second_factor_asked else SHORT
