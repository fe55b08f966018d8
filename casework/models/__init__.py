"""Casework: the policy's drafts, the step each pupil is on, and what the school does about it."""

from casework.models.absence import AbsenceReport
from casework.models.cases import Barrier, Case, Note
from casework.models.clocks import AuthorityReturn, ClockDone, ReturnAgreement
from casework.models.contacts import ContactRecord, FirstDaySettings
from casework.models.day import AccountedFor, SessionClose
from casework.models.escalations import Evaluation, Proposal, Standing
from casework.models.filled_forms import FilledForm, FormSignature
from casework.models.leave import LeaveRequest
from casework.models.meetings import Invitee, Meeting
from casework.models.plans import Plan, PlanAction, Target
from casework.models.policy import PolicyDraft
from casework.models.referrals import Agency, Referral
from casework.models.supervision import Supervision
from casework.models.tasks import Task
from casework.models.weekly import WeeklyItem, WeeklyMeeting

__all__ = [
    "AbsenceReport",
    "AccountedFor",
    "Agency",
    "AuthorityReturn",
    "Barrier",
    "Case",
    "ClockDone",
    "ContactRecord",
    "Evaluation",
    "FilledForm",
    "FirstDaySettings",
    "FormSignature",
    "Invitee",
    "LeaveRequest",
    "Meeting",
    "Note",
    "Plan",
    "PlanAction",
    "PolicyDraft",
    "Proposal",
    "Referral",
    "ReturnAgreement",
    "SessionClose",
    "Standing",
    "Supervision",
    "Target",
    "Task",
    "WeeklyItem",
    "WeeklyMeeting",
]
