"""What a referral needs before it is sent, and what its answer may be: sentences, no database. Pure.

Early help is by consent (Working together to safeguard children, 2023, chapter 3). A concern of significant harm goes
to children's services without it (Children Act 1989 s.47; the same guidance, on information sharing), and the reason
is written down.
"""

from datetime import date
from enum import StrEnum


class Service(StrEnum):
    """To whom a child may be referred."""

    WELFARE = "welfare"
    EARLY_HELP = "early_help"
    MASH = "mash"
    SOCIAL_WORKER = "social_worker"
    MISSING = "missing"
    MEDICAL = "medical"
    SEND = "send"
    OTHER = "other"


SERVICES = {
    Service.WELFARE: "Education welfare or attendance service",
    Service.EARLY_HELP: "Early help",
    Service.MASH: "Safeguarding hub (MASH)",
    Service.SOCIAL_WORKER: "Social worker",
    Service.MISSING: "Children missing education",
    Service.MEDICAL: "Medical needs education",
    Service.SEND: "Special educational needs",
    Service.OTHER: "Another service",
}


class Consent(StrEnum):
    """What the parents said to it."""

    GIVEN = "given"
    WITHHELD = "withheld"
    NOT_ASKED = "not_asked"


CONSENTS = {
    Consent.GIVEN: "The parents agree",
    Consent.WITHHELD: "The parents do not agree",
    Consent.NOT_ASKED: "They were not asked",
}
BY_CONSENT = frozenset({Service.EARLY_HELP})


def why_not_refer(service: str, *, consent: str, because: str, sent_on: date, due: date, today: date) -> list[str]:
    """Why a referral cannot be recorded like this. `because` says why it goes without the parents' agreement."""
    reasons = []
    if sent_on > today:
        reasons.append("This day has not come yet.")
    if due < sent_on:
        reasons.append("The answer cannot be due before the referral was sent.")
    if consent != Consent.GIVEN and service in BY_CONSENT:
        reasons.append(
            "Early help needs the parents' agreement. If you fear that the child is being harmed, refer to the "
            "safeguarding hub instead."
        )
    elif consent != Consent.GIVEN and not because.strip():
        reasons.append("Say why it goes without the parents' agreement.")
    return reasons


def why_not_answer(*, is_answered: bool, sent_on: date, on: date, today: date) -> list[str]:
    """Why an answer cannot be recorded for this day."""
    if is_answered:
        return ["Somebody has recorded the answer already. Look at it again; what you typed is still here."]
    reasons = []
    if on < sent_on:
        reasons.append(f"The referral was sent on {sent_on:%-d %B %Y}: its answer cannot be older.")
    if on > today:
        reasons.append("This day has not come yet.")
    return reasons
