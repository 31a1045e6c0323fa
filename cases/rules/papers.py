"""The way of a paper: needed, asked for, received, handed in, original given back; or not needed after all."""

from cases.rules.registers import PaperState as S

#: What may be tapped next, the usual step first; any other state can be set by hand.
NEXT: dict[str, tuple[str, ...]] = {
    S.NEEDED: (S.ASKED, S.RECEIVED),
    S.ASKED: (S.RECEIVED,),
    S.RECEIVED: (S.SUBMITTED, S.RETURNED),
    S.SUBMITTED: (S.RETURNED,),
    S.RETURNED: (),
    S.UNNEEDED: (),
}


def next_states(state: str) -> tuple[str, ...]:
    """The states one tap leads to from here."""
    return NEXT[S(state)]
