"""The ground every app stands on: schools, people and their roles, and the audit trail."""

from attendance_mis.models.audit import AuditRow, Block
from attendance_mis.models.authorisations import Authorisation
from attendance_mis.models.backups import BackupMade
from attendance_mis.models.disposals import Disposal
from attendance_mis.models.feeds import CalendarFeed
from attendance_mis.models.people import Membership, SignInFailure, User
from attendance_mis.models.schedule import ScheduledRun
from attendance_mis.models.schools import School, Trust
from attendance_mis.models.sessions import Session
from attendance_mis.models.tokens import Scope, Token, TokenUse
from attendance_mis.models.webhooks import Delivery, Webhook

__all__ = [
    "AuditRow",
    "Authorisation",
    "BackupMade",
    "Block",
    "CalendarFeed",
    "Delivery",
    "Disposal",
    "Membership",
    "ScheduledRun",
    "School",
    "Scope",
    "Session",
    "SignInFailure",
    "Token",
    "TokenUse",
    "Trust",
    "User",
    "Webhook",
]
