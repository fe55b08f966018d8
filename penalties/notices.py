"""Penalty notices as records: what one must contain, the states it goes through, and which earlier ones count.

`TRANSITIONS` is the whole of the state rules; the diagram in docs is drawn from it. Facts: law.md 5.11 to 5.25.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from penalties.amounts import Amount, Kind, Period, Scheme, three_years_after
from penalties.readings import PenaltySettings

Session = tuple[date, int]
"""Day and session (1 morning, 2 afternoon)."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something may not be done, with the paragraph of domain/law.md it rests on."""

    text: str
    paragraph: str

    def __str__(self) -> str:
        return f"{self.text} ({self.paragraph})"


class State(StrEnum):
    PREPARED = "prepared"
    DECLINED = "decided against"
    ISSUED = "issued"
    PAID = "paid"
    UNPAID = "unpaid after the period"
    PAID_LATE = "paid late"
    PROSECUTED = "prosecuted"
    CONVICTED = "found guilty"
    ACQUITTED = "found not guilty"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Mapping[State, Mapping[str, State]] = {
    State.PREPARED: {"issue": State.ISSUED, "decline": State.DECLINED},
    State.DECLINED: {},
    State.ISSUED: {"record_payment": State.PAID, "record_unpaid": State.UNPAID, "withdraw": State.WITHDRAWN},
    State.PAID: {"withdraw": State.WITHDRAWN},
    State.UNPAID: {
        "record_late_payment": State.PAID_LATE,
        "prosecute": State.PROSECUTED,
        "withdraw": State.WITHDRAWN,
    },
    State.PAID_LATE: {"withdraw": State.WITHDRAWN},
    State.PROSECUTED: {"record_guilty": State.CONVICTED, "record_not_guilty": State.ACQUITTED},
    State.CONVICTED: {},
    State.ACQUITTED: {},
    State.WITHDRAWN: {},
}

PAYMENTS = frozenset({"record_payment", "record_late_payment"})
"""The verbs that say money was paid (5.19)."""

COUNTING = frozenset(
    {State.ISSUED, State.PAID, State.UNPAID, State.PAID_LATE, State.PROSECUTED, State.CONVICTED},
)
"""Paid and unpaid notices count, withdrawn ones and those a court did not uphold do not (5.12)."""


class Source(StrEnum):
    """Who says that a notice exists (5.26)."""

    SCHOOL = "this school"
    LOCAL_AUTHORITY = "the local authority"
    OTHER_SCHOOL = "another school"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice to one parent for one child (5.6).

    `sessions` are those the offence is made of. A notice known only from others may have a period instead, or nothing
    but its day of issue.
    """

    issued: date
    scheme: Scheme = Scheme.NATIONAL
    state: State = State.ISSUED
    sessions: frozenset[Session] = frozenset()
    offence_from: date | None = None
    offence_until: date | None = None
    source: Source = Source.SCHOOL

    @property
    def kind(self) -> Kind:
        return Kind.PUBLIC_PLACE if self.scheme is Scheme.PUBLIC_PLACE else Kind.ABSENCE

    def covers(self, session: Session) -> bool:
        """Whether the offence of this notice holds a session."""
        if self.sessions:
            return session in self.sessions
        if self.offence_from is None or self.offence_until is None:
            return False
        return self.offence_from <= session[0] <= self.offence_until

    def spends(self, settings: PenaltySettings) -> bool:
        """Whether no other notice can be for its sessions: always, but for a withdrawn one by the school's setting."""
        return self.state is not State.WITHDRAWN or not settings.reissue_after_withdrawal

    def counts(self, settings: PenaltySettings) -> bool:
        """Whether it counts to the two in three years (5.12, 5.13, 5.15)."""
        schemes = {Scheme.NATIONAL}
        if settings.count_old_notices:
            schemes |= {Scheme.LOCAL, Scheme.LOCAL_BEFORE_2012}
        return self.state in COUNTING and self.scheme in schemes


def counting_notices(earlier: Iterable[Notice], on: date, settings: PenaltySettings) -> list[Notice]:
    """The notices to one parent for one child that count in the three years ending on `on`, oldest first (5.11)."""
    counting = [n for n in earlier if n.counts(settings) and n.issued <= on < three_years_after(n.issued)]
    return sorted(counting, key=lambda notice: notice.issued)


def would_be_third(notices: Iterable[Notice], issued: date, settings: PenaltySettings) -> list[Notice]:
    """Two counting notices that would stand with one issued on this day within three years; empty if none do (5.11).

    Later ones are looked at too: a notice known from the local authority may be entered after the school's own.
    """
    dates = sorted((n for n in notices if n.counts(settings)), key=lambda notice: notice.issued)
    for first, second in pairwise(dates):
        begin, end = min(first.issued, issued), max(second.issued, issued)
        if end < three_years_after(begin):
            return [first, second]
    return []


def used_sessions(
    earlier: Iterable[Notice], sessions: Iterable[Session], settings: PenaltySettings
) -> frozenset[Session]:
    """Of these sessions, those that an earlier notice has spent: no other notice can be for them (5.21, 5.23)."""
    spending = [notice for notice in earlier if notice.kind is Kind.ABSENCE and notice.spends(settings)]
    return frozenset(session for session in sessions if any(notice.covers(session) for notice in spending))


# The eleven contents


@dataclass(frozen=True, slots=True)
class Content:
    """One thing a notice must say. `field` is its key in the stored values of the notice."""

    letter: str
    field: str
    what: str


OFFENCE_PARTICULARS = Content("", "offence", "the particulars of the offence")
CONTENTS = (
    Content("a", "recipient", "the name and address of the parent"),
    Content("b", "child", "the name and address of the child, and the school"),
    Content("c", "issuer", "the name and official particulars of the person who issues it"),
    Content("d", "dates", "the dates of the offence and of issue"),
    Content("e", "amounts", "the amounts and how they change with time"),
    Content("f", "authority", "the name and address of the local authority for payment and letters"),
    Content("g", "methods", "how it may be paid"),
    Content("h", "period", "the period for payment"),
    Content("i", "discharge", "that payment discharges the liability for the offence"),
    Content("j", "consequences", "what follows if it is not paid"),
    Content("k", "withdrawal", "the grounds on which it may be withdrawn"),
)
"""What the regulations ask for beside the particulars of the offence; all are kept with the issued notice."""

REGULATION_3 = "Contents of a notice"


def missing_contents(values: Mapping[str, str]) -> list[Reason]:
    """What a notice with these values does not yet say."""
    return [
        Reason(f"The notice does not say {content.what}.", f"{REGULATION_3} {content.letter}".strip())
        for content in (OFFENCE_PARTICULARS, *CONTENTS)
        if not values.get(content.field, "").strip()
    ]


# After issue


class Ground(StrEnum):
    """Grounds on which a notice is withdrawn (5.21)."""

    SHOULD_NOT_HAVE_BEEN_ISSUED = "it should not have been issued"
    WRONG_PERSON = "it went to the wrong person"
    MATERIAL_ERROR = "it contains a material error"
    NOT_BY_THE_CODE = "it does not conform to the local code of conduct"
    NO_PROSECUTION = "it is unpaid after 28 days and the local authority will not prosecute"


def why_not(verb: str, state: State) -> list[Reason]:
    """Why the state does not allow a verb of `TRANSITIONS`; empty means it does. Raises KeyError for no verb at all."""
    if verb in TRANSITIONS[state]:
        return []
    if not any(verb in verbs for verbs in TRANSITIONS.values()):
        raise KeyError(verb)
    return [Reason(f"The notice is {state}.", _paragraph(state))]


def _paragraph(state: State) -> str:
    return {
        State.PAID: "5.23",
        State.PAID_LATE: "5.23",
        State.WITHDRAWN: "5.21",
        State.PREPARED: "5.25",
        State.DECLINED: "5.25",
    }.get(state, "5.22")


def why_not_record_payment(state: State, period: Period, paid_on: date, pounds: int, due: int | None) -> list[Reason]:
    """Why a payment cannot be recorded as discharging the notice. `due` is `sum_due` on the day it was paid (5.19)."""
    reasons = why_not("record_payment", state)
    if paid_on > period.full_until:
        reasons.append(
            Reason(f"The period ended on {say(period.full_until)}; record it as unpaid, then as paid late.", "5.22")
        )
    elif due is not None and pounds != due:
        reasons.append(Reason(f"£{due} was due on {say(paid_on)}, in one payment; £{pounds} is not that.", "5.19"))
    return reasons


def why_not_record_unpaid(state: State, period: Period, on: date) -> list[Reason]:
    """Why a notice cannot be called unpaid yet."""
    return why_not("record_unpaid", state) + _period_running(period, on)


def why_not_prosecute(state: State, period: Period, on: date) -> list[Reason]:
    """Why the local authority cannot be recorded as prosecuting the offence (5.22, 5.23)."""
    return why_not("prosecute", state) + _period_running(period, on)


def why_not_withdraw(state: State, period: Period, on: date, ground: Ground | None) -> list[Reason]:
    """Why a notice cannot be withdrawn on this ground (5.21)."""
    reasons = why_not("withdraw", state)
    if ground is None:
        reasons.append(Reason("Choose the ground on which it is withdrawn.", "5.21"))
    elif ground is Ground.NO_PROSECUTION:
        reasons += _period_running(period, on)
        if state in (State.PAID, State.PAID_LATE):
            reasons.append(Reason("The notice has been paid; this ground is for an unpaid one.", "5.21"))
    return reasons


def _period_running(period: Period, on: date) -> list[Reason]:
    if on >= period.over_from:
        return []
    return [Reason(f"The period for payment runs to {say(period.full_until)}.", "5.22")]


def why_not_record_known(known: Notice, others: Iterable[Notice], settings: PenaltySettings) -> list[Reason]:
    """Why a notice known from the local authority or another school cannot be entered as it is (5.26)."""
    others = list(others)
    reasons = []
    if any(n.issued == known.issued and n.state is not State.WITHDRAWN for n in others):
        reasons.append(Reason(f"A notice issued on {say(known.issued)} is already recorded.", "5.26"))
    if known.counts(settings) and (two := would_be_third(others, known.issued, settings)):
        reasons.append(
            Reason(f"With the notices {issued_on(two)} it would be a third in three years. Ask the authority.", "5.11")
        )
    if any(n.covers(session) for n in others if n.spends(settings) for session in known.sessions):
        reasons.append(Reason("There is a notice for these sessions already.", "5.23"))
    return reasons


# After a change of marks


@dataclass(frozen=True, slots=True)
class Recheck:
    """What an issued notice rests on, now that marks have changed."""

    counted_then: int
    counted_now: int
    lost: frozenset[Session]

    @property
    def flagged(self) -> bool:
        return bool(self.lost)

    @property
    def ground(self) -> Ground | None:
        """The ground for withdrawal, if the sessions left would no longer carry the notice (5.21)."""
        below = self.counted_now < 10 <= self.counted_then
        return Ground.SHOULD_NOT_HAVE_BEEN_ISSUED if below or not self.counted_now else None


def recheck(notice: Notice, unauthorised_now: frozenset[Session]) -> Recheck:
    """Compare the sessions of an issued notice with those that are still counted in the register."""
    lost = notice.sessions - unauthorised_now
    return Recheck(len(notice.sessions), len(notice.sessions) - len(lost), frozenset(lost))


def say(day: date) -> str:
    """A day in words: 4 March 2026."""
    return f"{day.day} {day:%B %Y}"


def issued_on(notices: Iterable[Notice]) -> str:
    """ "of 4 March 2026 and 7 May 2026" """
    return "of " + " and ".join(say(notice.issued) for notice in notices)


def amount_text(amount: Amount, period: Period) -> str:
    """The amounts with their last days, as printed: "£80 up to and including 4 March 2026, then £160 up to ..." """
    full = f"£{amount.full} up to and including {say(period.full_until)}"
    if amount.reduced is None or period.reduced_until is None:
        return full
    return f"£{amount.reduced} up to and including {say(period.reduced_until)}, then {full}"


def diagram(transitions: Mapping[StrEnum, Mapping[str, StrEnum]], first: StrEnum) -> str:
    """States and verbs as a state diagram in Mermaid's words: for docs/penalties.md."""
    lines = ["stateDiagram-v2", f"    [*] --> {_name(first)}"]
    for state, verbs in transitions.items():
        lines += [f"    {_name(state)} --> {_name(after)}: {verb.replace('_', ' ')}" for verb, after in verbs.items()]
        lines += [] if verbs else [f"    {_name(state)} --> [*]"]
    return "\n".join(lines)


def _name(state: StrEnum) -> str:
    return state.value.replace(" ", "_")
