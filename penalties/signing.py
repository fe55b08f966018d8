"""Who may sign a penalty notice, and whom the headteacher may authorise to (law.md 5.16). Pure."""

from dataclasses import dataclass
from datetime import date

from penalties.notices import Reason, say
from penalties.rules import Issuer

PARAGRAPH = "5.16"


def is_deputy(position: str) -> bool:
    """Whether a position at the school is that of a deputy or assistant headteacher; an assistant *to* her is none."""
    words = position.casefold().replace("-", " ").split()
    return (
        "to" not in words
        and ("deputy" in words or "assistant" in words)
        and any(word.startswith(("head", "principal")) for word in words)
    )


def issuer_of(position: str) -> Issuer:
    """In what capacity somebody signs who may decide penalties, by her position at the school."""
    return Issuer.DEPUTY if is_deputy(position) else Issuer.HEADTEACHER


@dataclass(frozen=True, slots=True)
class AuthoriseFacts:
    """What is known when somebody is to be authorised. `held`: first and last day of what she holds already."""

    on: date
    giver: int | None
    giver_position: str
    person: int
    name: str
    position: str
    starts: date
    until: date | None
    held: tuple[tuple[date, date | None], ...] = ()


def why_not_authorise(facts: AuthoriseFacts) -> list[Reason]:
    """Why the headteacher may not authorise somebody so; empty means she may."""
    reasons = []
    if is_deputy(facts.giver_position):
        reasons.append(Reason("Only the headteacher herself authorises others.", PARAGRAPH))
    if facts.person == facts.giver:
        reasons.append(Reason("Nobody authorises herself.", PARAGRAPH))
    if not is_deputy(facts.position):
        text = (
            f"{facts.name} is {facts.position or 'recorded without a position'}. Only a deputy or assistant "
            "headteacher can be authorised; the technician corrects a position under People."
        )
        reasons.append(Reason(text, PARAGRAPH))
    if facts.starts < facts.on:
        reasons.append(Reason("It begins today or later: what was signed before is not made good by it.", PARAGRAPH))
    if facts.until is not None and facts.until < facts.starts:
        reasons.append(Reason("Its last day is before its first.", PARAGRAPH))
    for first, last in facts.held:
        if first <= (facts.until or date.max) and facts.starts <= (last or date.max):
            until = f" to {say(last)}" if last else ""
            reasons.append(Reason(f"{facts.name} is authorised from {say(first)}{until} already.", PARAGRAPH))
    return reasons
