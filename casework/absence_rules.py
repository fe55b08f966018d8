"""What an absence report may say, and what it does to the marks of its sessions. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from registers import codes
from registers.codes import Code, SetBy

# The codes a family's reason may stand for, likeliest first. Leave (C, C1) and a trip (V) have forms of their own.
LETTERS = ("I", "M", "O", "R", "T", "J1", "G", "Q", "Y1", "Y2", "Y7")
# Those that fill registers still to come; the others are entered day by day.
PLANS = {"I": "reported", "M": "appointment", "J1": "appointment"}
UNEXPLAINED = "N"
LONGEST = timedelta(days=60)


class Effect(StrEnum):
    """What a report does to one mark."""

    ENTER = "enter"
    ASK = "ask"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Said:
    """The days and the code of a report. `decided`: the code is entered; else N stays until somebody decides."""

    start: date
    end: date
    letter: str
    decided: bool

    @property
    def entered(self) -> str:
        return self.letter if self.decided else UNEXPLAINED


def choices(day: date) -> list[Code]:
    """The codes in force on a day that a report may propose."""
    by_letter = {code.letter: code for code in codes.codes_in_force(day)}
    return [by_letter[letter] for letter in LETTERS if letter in by_letter]


def why_not_report(said: Said, *, today: date, expected_back: date | None) -> list[str]:
    """Why nobody may report this; empty means it can be recorded."""
    reasons = []
    if said.end < said.start:
        reasons.append("The last day is before the first.")
    elif said.end - said.start > LONGEST:
        reasons.append("A report is for sixty days at most: record a longer absence in parts.")
    if expected_back is not None and expected_back <= said.end:
        reasons.append("The day the child is expected back must be after the last day of the absence.")
    try:
        code = codes.code_for(said.letter, said.start)
    except ValueError as fault:
        return [*reasons, f"{fault}."]
    if code.set_by is SetBy.HEAD:
        reasons.append(f"{code.letter} ({code.short}) is for the headteacher to decide: record it as a leave request.")
    if said.decided and said.end > today and said.letter not in PLANS:
        reasons.append(
            f"{code.letter} ({code.short}) is entered day by day: make today the last day, "
            "or record the days to come among the planned absences."
        )
    return reasons


def effect(said: Said, current: Code | None, *, opens_at: datetime, now: datetime, sure: bool) -> Effect:
    """What a report does to the mark of one session: a blank or an N it fills, any other it asks about first."""
    if now < opens_at or (current and current.letter == said.entered):
        return Effect.LEAVE
    if current is None or current.letter == UNEXPLAINED:
        return Effect.ENTER
    return Effect.ENTER if sure else Effect.ASK
