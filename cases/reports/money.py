"""The ledger of a case as it is read: every line with what was then left of the bill, the sums, and a text to share."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cases.models import Case, MoneyLine
from cases.rules import rupiah
from cases.rules.registers import MoneyKind
from cases.rules.rupiah import Balance
from cases.services.money import NO_PROOF
from members.rules import words

#: What a text to share is always written in: the people it goes to live in Indonesia.
LANGUAGE = "id"

#: The kinds as the form offers them, under what they have in common.
GROUPS = (
    (gettext_lazy("Asked for"), (MoneyKind.BILL, MoneyKind.FINE, MoneyKind.DEPOSIT_ASKED, MoneyKind.COLLATERAL)),
    (pgettext_lazy("money", "Paid"), (MoneyKind.PAID, MoneyKind.DEPOSIT_PAID, MoneyKind.COVERED)),
    (gettext_lazy("Donations"), (MoneyKind.DONATION_IN, MoneyKind.DONATION_OUT)),
    (gettext_lazy("To come back or to get"), (MoneyKind.REFUNDABLE, MoneyKind.REFUNDED, MoneyKind.CLAIMED)),
    (pgettext_lazy("money", "Received or lost"), (MoneyKind.RECOVERED, MoneyKind.LOST)),
)


@dataclass(frozen=True)
class Line:
    """One line, and what was left of the bill after it where it moved the bill."""

    row: MoneyLine
    taken_back: bool
    left: int | None

    @property
    def lacks_proof(self) -> bool:
        """Whether nobody has shown a proof; of a line that does not count no proof is asked."""
        return not (self.row.proof_id or self.row.proof_note or self.row.takes_back_id or self.taken_back)

    @property
    def has_no_proof(self) -> bool:
        """Whether somebody said that there is no proof."""
        return not self.row.proof_id and self.row.proof_note == NO_PROOF


@dataclass(frozen=True)
class Ledger:
    """The lines of a case, oldest first, and what they come to."""

    lines: list[Line]
    balance: Balance

    @property
    def without_proof(self) -> int:
        """How many lines that count have no proof."""
        return sum(line.lacks_proof or (line.has_no_proof and not line.taken_back) for line in self.lines)


def of_case(case: Case) -> Ledger:
    """The ledger in one statement; a line without a day stands where it was written down."""
    found = case.moneylines.select_related("body", "proof", "logged_by", "takes_back")
    rows = sorted(found, key=lambda row: (_day(row, case.zone), row.pk))
    taken_back = {row.takes_back_id for row in rows}
    lines, left = [], 0
    for row in rows:
        way = rupiah.moves_the_bill(row.kind)
        left += way * row.signed
        lines.append(Line(row, row.pk in taken_back, left if way else None))
    return Ledger(lines, rupiah.balance((row.kind, row.signed) for row in rows))


def _day(row: MoneyLine, zone: str) -> date:
    return row.on_date or row.logged_at.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True)
class Sum:
    """One sum in words; ``strong`` where it is what is left to do."""

    label: str
    amount: int
    strong: bool = False


def sums(balance: Balance) -> list[list[Sum]]:
    """The balance in words, in groups: the bill, donations, what is to come back, what was claimed. Empty groups stay out."""
    over, beyond = balance.left < 0, balance.donations_left < 0
    left = Sum(_("Paid too much") if over else _("Still open"), abs(balance.left), strong=True)
    tin = Sum(
        _("Donations spent beyond what came in") if beyond else _("Donations left"),
        abs(balance.donations_left),
        strong=True,
    )
    found = [
        [
            Sum(_("Billed"), balance.owed),
            Sum(_("Paid or borne so far"), balance.settled),
            *([left] if balance.owed else []),
        ],
        [
            Sum(_("Deposit asked for (not counted)"), balance.deposit_asked),
            Sum(_("Held as security (not counted)"), balance.held),
        ],
        [
            Sum(_("Donations received"), balance.donations_in),
            Sum(_("Donations spent"), balance.donations_out),
            *([tin] if balance.donations_in or balance.donations_out else []),
        ],
        [
            Sum(_("To be given back"), balance.refundable),
            Sum(_("Given back so far"), balance.refunded),
            *([Sum(_("Still to be given back"), balance.refund_open, strong=True)] if balance.refundable else []),
        ],
        [
            Sum(_("Claimed so far"), balance.claimed),
            Sum(_("Received so far"), balance.recovered),
            *([Sum(_("Still to come"), balance.claim_open, strong=True)] if balance.claimed else []),
        ],
        [
            Sum(_("Borne by the family itself"), balance.from_family),
            Sum(_("Lost (wage, cut premium)"), balance.lost),
        ],
    ]
    return [kept for group in found if (kept := [each for each in group if each.amount or each.strong])]


def share_text(case: Case, ledger: Ledger, *, now: datetime) -> str:
    """The ledger without anybody's name: kinds, amounts and days only, and that nobody of ours was paid."""
    with translation.override(LANGUAGE):
        today = words.day(now, case.zone, LANGUAGE)
        head = _("Money of case %(number)s, as of %(day)s") % {"number": case.number, "day": today}
        lines = [_in_words(line) for line in ledger.lines if not (line.taken_back or line.row.takes_back_id)]
        said = [
            f"{each.label}: {words.rupiah(each.amount, LANGUAGE)}" for group in sums(ledger.balance) for each in group
        ]
        return "\n\n".join("\n".join(part) for part in ([head], lines, said, [no_fee()]) if part)


def no_fee() -> str:
    """What stands under every ledger."""
    return _("The relawan are not paid: no fee, no share and no tip, not from the family and not from donations.")


def _in_words(line: Line) -> str:
    row = line.row
    day = words.day(row.on_date, None, LANGUAGE) if row.on_date else _("day not known")
    proof = _("no proof") if line.lacks_proof or line.has_no_proof else _("with proof")
    return f"{day}: {row.get_kind_display()} {words.rupiah(row.amount, LANGUAGE)} ({proof})"
