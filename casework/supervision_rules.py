"""How often a case is supervised, and what a supervision needs: sums and sentences, no database. Pure."""

from datetime import date

# Every open case at least six-weekly (policies.md, appendix 4 k of the Tiers policy). Days from one to the next.
LONGEST = 42
SOON = 7


def days_since(last: date | None, opened: date, today: date) -> int:
    """Days since a case was last supervised; since it was opened, if it never was."""
    return (today - max(filter(None, (last, opened)))).days


def state_of(days: int) -> str:
    """`overdue` after six weeks, `soon` in the last of them, else empty."""
    return "overdue" if days > LONGEST else "soon" if days > LONGEST - SOON else ""


def why_not_supervise(case_state: str, *, opened: date, on: date, today: date) -> list[str]:
    """Why a supervision cannot be recorded for this day."""
    reasons = []
    if case_state == "closed":
        reasons.append("The case is closed. Open a new one if there is a new concern.")
    if on < opened:
        reasons.append(f"The case was opened on {opened:%-d %B %Y}: it cannot have been supervised before.")
    if on > today:
        reasons.append("This day has not come yet.")
    return reasons
