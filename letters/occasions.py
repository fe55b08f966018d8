"""The occasions of letters: for each a school holds one template, and starter text stands ready. Pure.

A step of the policy names a letter by its label ("Stage 1"), code by its member; `of_label` joins the two.
"""

from enum import StrEnum


class Occasion(StrEnum):
    """Why a school writes to a parent. The value is stored; `label` is what people read."""

    FIRST_DAY = "first_day", "First-day absence without contact"
    UNEXPLAINED_3 = "unexplained_3", "Unexplained absence day 3"
    UNEXPLAINED_5 = "unexplained_5", "Unexplained absence day 5"
    CONCERN = "concern", "Attendance concern"
    STAGE_1 = "stage_1", "Stage 1"
    STAGE_2 = "stage_2", "Stage 2"
    STAGE_3 = "stage_3", "Stage 3"
    FORMAL_WARNING = "formal_warning", "Formal warning"
    MEETING = "meeting", "Meeting"
    IMPROVEMENT_MEETING = "improvement_meeting", "Attendance Improvement Meeting"
    LATENESS = "lateness", "Lateness"
    ILLNESS = "illness", "Illness and medical evidence"
    MEETING_NOTES = "meeting_notes", "Meeting notes or non-attendance"
    REFERRAL = "referral", "Referral to the welfare service"
    LEAVE_GRANTED = "leave_granted", "Leave granted"
    LEAVE_REFUSED = "leave_refused", "Leave refused"
    CONGRATULATION = "congratulation", "Improvement congratulated"
    REPORT = "report", "Half-termly report to parents"
    CONTRACT = "contract", "Attendance contract"
    NOTICE_TO_IMPROVE = "notice_to_improve", "Notice to improve"
    PENALTY_WARNING = "penalty_warning", "Penalty warning"
    PENALTY_REMINDER = "penalty_reminder", "Penalty reminder"
    LEGAL_WARNING = "legal_warning", "Legal action warning"
    RETURN = "return", "Return after long absence"

    label: str

    def __new__(cls, value: str, label: str = "") -> "Occasion":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


CHOICES = [(occasion.value, occasion.label) for occasion in Occasion]
_BY_LABEL = {occasion.label.casefold(): occasion for occasion in Occasion}

# Letters that press. Nobody gets one of them together with one of the praising or granting ones.
STERN = frozenset(
    {
        Occasion.UNEXPLAINED_5,
        Occasion.STAGE_2,
        Occasion.STAGE_3,
        Occasion.FORMAL_WARNING,
        Occasion.REFERRAL,
        Occasion.NOTICE_TO_IMPROVE,
        Occasion.PENALTY_WARNING,
        Occasion.PENALTY_REMINDER,
        Occasion.LEGAL_WARNING,
    }
)
KIND = frozenset({Occasion.CONGRATULATION, Occasion.LEAVE_GRANTED, Occasion.RETURN})
# Letters that speak of absence as such, for which sums made mostly of illness call for another one.
ABOUT_ABSENCE = STERN | {Occasion.CONCERN, Occasion.STAGE_1, Occasion.IMPROVEMENT_MEETING, Occasion.CONTRACT}
# Served on somebody: the day it counts as received is worked out (Interpretation Act 1978 s.7; law.md 5.20).
SERVED = frozenset(
    {Occasion.FORMAL_WARNING, Occasion.NOTICE_TO_IMPROVE, Occasion.PENALTY_WARNING, Occasion.LEGAL_WARNING}
)
# These enclose the attendance summary of the pupil.
WITH_SUMMARY = frozenset(
    {
        Occasion.CONCERN,
        Occasion.STAGE_1,
        Occasion.STAGE_2,
        Occasion.STAGE_3,
        Occasion.FORMAL_WARNING,
        Occasion.IMPROVEMENT_MEETING,
        Occasion.LATENESS,
        Occasion.ILLNESS,
        Occasion.MEETING_NOTES,
        Occasion.REFERRAL,
        Occasion.REPORT,
        Occasion.NOTICE_TO_IMPROVE,
        Occasion.PENALTY_WARNING,
        Occasion.LEGAL_WARNING,
    }
)


def of_label(label: str) -> Occasion | None:
    """The occasion a policy names by its label; None for a letter of the school's own invention."""
    return _BY_LABEL.get(label.strip().casefold())
