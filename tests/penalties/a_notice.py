"""A penalty notice that may be issued, to be spoilt one fact at a time."""

from datetime import date, timedelta

from penalties.improvement import IMPROVEMENT_CONTENTS, ImprovementFacts
from penalties.notices import CONTENTS, OFFENCE_PARTICULARS, Notice, Session
from penalties.rules import IssueFacts, Issuer

ON = date(2025, 3, 14)


def sessions(first: date, count: int) -> frozenset[Session]:
    """So many sessions on consecutive days from the morning of the first."""
    return frozenset((first + timedelta(days=n // 2), n % 2 + 1) for n in range(count))


def issue_facts(**values: object) -> IssueFacts:
    """Ten sessions in March 2025, everything answered, signed by the headteacher."""
    given = {
        "on": ON,
        "school_type": "maintained",
        "issuer": Issuer.HEADTEACHER,
        "sessions": sessions(date(2025, 3, 3), 10),
        "counted": 10,
        "compulsory": (date(2020, 8, 31), date(2031, 6, 27)),
        "contents": {content.field: "said" for content in (OFFENCE_PARTICULARS, *CONTENTS)},
        "signed": True,
        "best_tool": True,
        "support": True,
        "equality": True,
        "allowed_absence": True,
        "la_checked": date(2025, 3, 12),
        **values,
    }
    return IssueFacts(**given)  # type: ignore[arg-type]


def improvement_facts(**values: object) -> ImprovementFacts:
    """A notice to improve that may be offered."""
    given = {
        "on": ON,
        "threshold_met": True,
        "holiday": False,
        "of_compulsory_age": True,
        "support_offered": True,
        "weeks": 6,
        "until": date(2025, 5, 16),
        "contents": dict.fromkeys(IMPROVEMENT_CONTENTS, "said"),
        **values,
    }
    return ImprovementFacts(**given)  # type: ignore[arg-type]


def notice(issued: date, **values: object) -> Notice:
    """An earlier notice with no sessions of its own, unless said."""
    return Notice(issued=issued, **values)  # type: ignore[arg-type]
