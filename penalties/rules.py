"""Whether a penalty notice may be issued to one parent for one child: the questions the law asks (law.md 5.1 to 5.20).

`why_not_issue` answers with reasons, each with its paragraph; an empty list means yes. A notice is never issued by a
sum: a person answers what only a person can, and the headteacher signs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from attendance_mis.words import how_many
from penalties.amounts import Amount, Kind, Scheme, amount_of, scheme_of, three_years_after
from penalties.improvement import OPEN, ImprovementState
from penalties.notices import (
    Notice,
    Reason,
    Session,
    State,
    counting_notices,
    issued_on,
    missing_contents,
    say,
    why_not,
    would_be_third,
)
from penalties.readings import PenaltySettings
from penalties.thresholds import THRESHOLD, old_threshold_met

MAY_ISSUE = frozenset({"maintained", "academy", "pru"})
"""School types whose pupils a notice may concern; an academy of alternative provision is an academy (5.17)."""


class Issuer(StrEnum):
    """Who issues (5.16)."""

    HEADTEACHER = "headteacher"
    DEPUTY = "deputy or assistant headteacher"
    LA_OFFICER = "officer of the local authority"
    CONSTABLE = "police constable"
    OTHER = "somebody else"


NEEDS_AUTHORITY: Mapping[Issuer, str] = {
    Issuer.DEPUTY: "by the headteacher",
    Issuer.LA_OFFICER: "by the local authority",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question to be answered before each notice (5.7). `by_record`: the record answers it, else a person must."""

    key: str
    text: str
    paragraph: str
    by_record: bool


QUESTIONS = (
    Question("threshold", "Is the threshold met?", "5.1", by_record=True),
    Question(
        "two_in_three_years", "Have two notices been issued to this parent in three years?", "5.11", by_record=True
    ),
    Question("holiday", "Is the absence a holiday, to which support is not the answer?", "5.8", by_record=True),
    Question(
        "best_tool", "Is a penalty notice the best tool to improve this pupil's attendance?", "5.7", by_record=False
    ),
    Question("support", "Has support been tried or offered, or would it be pointless?", "5.7", by_record=False),
    Question("equality", "Are the duties of the Equality Act 2010 met?", "5.7", by_record=False),
    Question("allowed_absence", "Did this parent allow the absence?", "5.6", by_record=False),
    Question("la_checked", "Has the local authority been asked, and on what day?", "5.18", by_record=False),
)


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """What is known of a notice to one parent for one child on the day it is to be issued.

    `sessions` are the offence; `counted` what the threshold counts with them (`Working.counted`, or the same number).
    `earlier` are all notices to this parent for this child, from every source. None in an answer: not answered yet.
    """

    on: date
    school_type: str
    issuer: Issuer
    sessions: frozenset[Session]
    counted: int
    compulsory: tuple[date, date]
    contents: Mapping[str, str]
    kind: Kind = Kind.ABSENCE
    issuer_authorised: bool = False
    signed: bool = False
    is_parent: bool = True
    holiday: bool = False
    earlier: Sequence[Notice] = ()
    improvement: ImprovementState | None = None
    below_threshold_reason: str = ""
    best_tool: bool | None = None
    support: bool | None = None
    equality: bool | None = None
    allowed_absence: bool | None = None
    public_place: bool | None = None
    la_checked: date | None = None
    state: State = State.PREPARED

    @property
    def days(self) -> tuple[date, date]:
        """First and last day of the offence. Raises ValueError for no session."""
        return min(self.sessions)[0], max(self.sessions)[0]

    def scheme(self, settings: PenaltySettings) -> Scheme:
        """The rules the notice falls under."""
        return scheme_of(self.kind, *self.days, settings)

    def amount(self, settings: PenaltySettings) -> Amount | None:
        """What the notice would cost; None where the law knows no such notice."""
        return amount_of(self.scheme(settings), len(counting_notices(self.earlier, self.on, settings)))


def why_not_issue(facts: IssueFacts, settings: PenaltySettings) -> list[Reason]:
    """Why the notice may not be issued, each reason with its paragraph; empty means it may, and the head signs."""
    reasons = why_not("issue", facts.state) + _school_and_issuer(facts)
    if not facts.sessions:
        return [*reasons, Reason("There is no session the notice would be for.", "5.1")]
    reasons += _pupil_and_parent(facts)
    reasons += _offence(facts, settings)
    reasons += _threshold(facts, settings) + _support(facts) if facts.kind is Kind.ABSENCE else _public_place(facts)
    reasons += _answers(facts)
    counts = Notice(facts.on, scheme=facts.scheme(settings)).counts(settings)
    if counts and (two := would_be_third(facts.earlier, facts.on, settings)):
        free = three_years_after(two[0].issued)
        until = f" before {say(free)}" if free > facts.on else ""
        reasons.append(
            Reason(
                f"After the notices {issued_on(two)} a third cannot be issued{until}. {AFTER_TWO}",
                "5.11",
            )
        )
    return reasons + missing_contents(facts.contents)


AFTER_TWO = "Ask the local authority about prosecution or another order."


def _school_and_issuer(facts: IssueFacts) -> list[Reason]:
    reasons = []
    if not facts.school_type:
        reasons.append(Reason("The type of school is not recorded. Enter it in the settings of the school.", "5.17"))
    elif facts.school_type not in MAY_ISSUE:
        text = f"A notice cannot be issued for a pupil of this type of school: {facts.school_type}."
        reasons.append(Reason(text, "5.17"))
    if facts.issuer is Issuer.OTHER:
        reasons.append(
            Reason(
                "Only the headteacher, an authorised deputy or assistant head, an authorised officer of the local "
                "authority or a police constable may issue it.",
                "5.16",
            )
        )
    elif facts.issuer in NEEDS_AUTHORITY and not facts.issuer_authorised:
        by = NEEDS_AUTHORITY[facts.issuer]
        reasons.append(Reason(f"The {facts.issuer} has not been authorised {by}.", "5.16"))
    if not facts.signed:
        reasons.append(Reason("It has not been signed. Nothing but a person issues a notice.", "5.16"))
    return reasons


def _pupil_and_parent(facts: IssueFacts) -> list[Reason]:
    reasons = []
    start, end = facts.compulsory
    outside = sorted({day for day, _ in facts.sessions if not start <= day <= end})
    if outside:
        text = f"The pupil was not of compulsory school age on {say(outside[0])}."
        reasons.append(Reason(text, "5.17"))
    if any(day > facts.on for day, _ in facts.sessions):
        reasons.append(Reason("The offence lies after the day of issue.", "5.1"))
    if not facts.is_parent:
        text = "This person is not recorded as a parent: neither parental responsibility nor care of the child."
        reasons.append(Reason(text, "5.6"))
    return reasons


def _threshold(facts: IssueFacts, settings: PenaltySettings) -> list[Reason]:
    if facts.scheme(settings) is Scheme.NATIONAL:
        met, needed = facts.counted >= THRESHOLD, f"{THRESHOLD} in ten school weeks"
        paragraph = "5.1"
    else:
        met = old_threshold_met(facts.sessions, settings)
        needed = f"{settings.old_threshold_sessions} in {settings.old_threshold_months} months"
        paragraph = "5.14"
    if met:
        return []
    counted = f"{how_many(facts.counted, 'session')} counted, the threshold is {needed}."
    if not settings.below_threshold:
        return [Reason(f"{counted} This school does not act below it.", paragraph)]
    if not facts.below_threshold_reason.strip():
        return [Reason(f"{counted} Below it a reason must be recorded.", "5.5")]
    return []


def _offence(facts: IssueFacts, settings: PenaltySettings) -> list[Reason]:
    """One notice for one offence: no session may stand in two (5.23, 5.21)."""
    reasons = []
    for notice in facts.earlier:
        withdrawn = notice.state is State.WITHDRAWN
        if notice.kind is facts.kind and notice.spends(settings) and any(map(notice.covers, facts.sessions)):
            what = "A withdrawn notice" if withdrawn else "The notice"
            text = f"{what} of {say(notice.issued)} is for some of these sessions already."
            reasons.append(Reason(text, "5.21" if withdrawn else "5.23"))
    return reasons


def _support(facts: IssueFacts) -> list[Reason]:
    reasons = []
    if facts.improvement in OPEN:
        reasons.append(
            Reason("A notice to improve is still open: let it run, or end it on one of its grounds.", "5.7"),
        )
    if facts.improvement is ImprovementState.MET:
        reasons.append(Reason("The notice to improve was met.", "5.7"))
    if not facts.holiday and facts.support is not True:
        text = "support first" if facts.support is False else "answer whether support has been tried or offered"
        reasons.append(Reason(f"The absence is not a holiday: {text}.", "5.7"))
    return reasons


def _public_place(facts: IssueFacts) -> list[Reason]:
    if facts.public_place is True:
        return []
    text = (
        "Answer whether the child was in a public place, without reasonable justification, in the first five days of "
        "an exclusion of which the parents had been told."
    )
    return [Reason(text if facts.public_place is None else "The child was not in a public place so.", "5.15")]


def _answers(facts: IssueFacts) -> list[Reason]:
    reasons = []
    for answer, unanswered, no, paragraph in (
        (
            facts.best_tool,
            "Answer whether a penalty notice is the best tool.",
            "A penalty notice is not the best tool: choose the one that is.",
            "5.7",
        ),
        (
            facts.equality,
            "Answer whether the duties of the Equality Act are met.",
            "The duties of the Equality Act are not met.",
            "5.7",
        ),
        (
            facts.allowed_absence,
            "Answer whether this parent allowed the absence.",
            "This parent did not allow the absence.",
            "5.6",
        ),
    ):
        if answer is not True:
            reasons.append(Reason(unanswered if answer is None else no, paragraph))
    if facts.la_checked is None:
        reasons.append(Reason("The local authority has not been asked yet.", "5.18"))
    elif facts.la_checked > facts.on:
        reasons.append(Reason("The local authority was asked after the day of issue.", "5.18"))
    return reasons


@dataclass(frozen=True, slots=True)
class Offence:
    """What a parent may be prosecuted for when a notice is unpaid or cannot be issued (5.24)."""

    section: str
    what: str
    most: str


OFFENCES = (
    Offence("444(1)", "the child does not attend regularly", "a fine of up to £1,000 (level 3)"),
    Offence(
        "444(1A)",
        "the parent knows of it and does not, without reasonable justification, cause the child to attend",
        "a fine of up to £2,500 or three months in prison",
    ),
)


def is_holiday(letters: Sequence[str]) -> bool:
    """Whether every session of an offence is an unauthorised holiday (5.8)."""
    return bool(letters) and set(letters) == {"G"}
