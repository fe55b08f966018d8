"""What a penalty notice and a notice to improve say, from plain facts (law.md section 5, Contents of a notice).

Own words throughout; the local authority's template goes before them where it has one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from casework.measures import Mark
from penalties.amounts import Amount, Kind, Period
from penalties.improvement import Target
from penalties.notices import Ground, amount_text, say
from registers import codes
from registers.calendar_rules import Session

METHODS = "By card on the local authority's payment page, or by telephone, quoting the reference of this notice."
DISCHARGE = (
    "If you pay within the period, you discharge your liability for this offence: you will not be prosecuted for it. "
    "Payment is not a conviction. It is made in one sum; there is no right of appeal."
)
CONSEQUENCES = (
    "If the full amount is not paid by the end of the period, the local authority must either prosecute you for the "
    "offence or withdraw this notice. No prosecution begins before the period is over."
)
WITHDRAWAL = "The notice may be withdrawn on these grounds: " + "; ".join(Ground) + "."
BENEFITS = (
    "Children who attend every day learn more, do better in examinations and are safer. Under section 7 of the "
    "Education Act 1996 a parent must see that a child of compulsory school age has full-time education, by regular "
    "attendance at school or otherwise."
)
WARNING = (
    "If attendance does not improve enough within this time, a penalty notice may be issued to you, or the local "
    "authority may prosecute."
)
EARLY_GROUNDS = (
    "A penalty notice may come before the time is over if there is unauthorised absence in the first weeks, or a "
    "holiday in term time."
)


def sessions_text(marks: Sequence[Mark]) -> str:
    """Each session with its code: "Monday 3 March 2025 AM (O), PM (O)", one line a day."""
    days: dict[date, list[str]] = {}
    for day, session, code in sorted(marks):
        days.setdefault(day, []).append(f"{Session(session).name} ({codes.by_number(code).letter})")
    return "\n".join(f"{day:%A} {say(day)}: {', '.join(halves)}" for day, halves in days.items())


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What a penalty notice is made of. Addresses are whole, each on one line; empty where they are not known."""

    kind: Kind
    parent: str
    parent_address: str
    child: str
    child_address: str
    school: str
    school_address: str
    issuer: str
    issuer_position: str
    authorised: str
    marks: Sequence[Mark]
    issued: date
    amount: Amount
    period: Period
    authority: str
    methods: str
    reference: str


def notice_contents(facts: NoticeFacts) -> dict[str, str]:
    """The offence and the eleven contents by their keys; one whose facts are missing is empty."""
    days = sorted({day for day, _, _ in facts.marks})
    if facts.kind is Kind.PUBLIC_PLACE:
        offence = (
            f"{facts.child} was in a public place in school hours, without reasonable justification, in the first five "
            "days of an exclusion (Education and Inspections Act 2006, sections 103 and 105)."
        )
    else:
        offence = (
            f"{facts.child}, a pupil of compulsory school age registered at {facts.school}, did not attend school "
            "regularly; the absences below were not authorised (Education Act 1996, section 444(1))."
        )
    period = facts.period
    reduced = f", for the reduced amount to {say(period.reduced_until)}" if period.reduced_until else ""
    span = f"{say(days[0])} to {say(days[-1])}" if days else ""
    return {
        "offence": f"{offence}\n{sessions_text(facts.marks)}" if facts.marks else "",
        "recipient": f"{facts.parent}\n{facts.parent_address}" if facts.parent and facts.parent_address else "",
        "child": f"{facts.child}\n{facts.child_address}\nSchool: {facts.school}, {facts.school_address}"
        if facts.child_address
        else "",
        "issuer": ", ".join(filter(None, (facts.issuer, facts.issuer_position, facts.school, facts.authorised)))
        if facts.issuer and facts.issuer_position
        else "",
        "dates": f"Offence: {span}. Date of issue: {say(facts.issued)}. Reference: {facts.reference}." if span else "",
        "amounts": amount_text(facts.amount, period),
        "authority": facts.authority,
        "methods": facts.methods,
        "period": f"From {say(period.day_one)}, which counts as day 1{reduced}, to {say(period.full_until)}.",
        "discharge": DISCHARGE,
        "consequences": CONSEQUENCES,
        "withdrawal": WITHDRAWAL,
    }


def improvement_contents(
    *, record: str, support_so_far: str, support_offered: str, early_grounds: str, starts: date, until: date,
    target: Target,
) -> dict[str, str]:  # fmt: skip
    """What a notice to improve says, by the keys of IMPROVEMENT_CONTENTS."""
    return {
        "record": record,
        "benefits": BENEFITS,
        "support_so_far": support_so_far,
        "support_offered": support_offered,
        "warning": WARNING,
        "time_limit": f"From {say(starts)} to {say(until)}.",
        "enough": f"Enough is {target} in this time.",
        "early_grounds": early_grounds,
    }
