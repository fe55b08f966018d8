"""The registers: calendar, pupils, contacts, marks and their record."""

from registers.models.calendar import CalendarEntry, SchoolDay
from registers.models.certificates import Certificate
from registers.models.classes import ClassGroup, ClassMembership, Cover, Teaching
from registers.models.counts import KeptCount
from registers.models.desk import Crossing, Reminder
from registers.models.disposals import DisposalApproval, RetentionRule
from registers.models.former_facts import FormerFacts
from registers.models.imports import ImportRun, PreviousAttendance
from registers.models.marks import Amendment, Entry, Mark, Proposal, Register
from registers.models.planning import PlannedAbsence, PolicyVersion
from registers.models.pupils import Contact, Pupil, Registration

__all__ = [
    "Amendment",
    "CalendarEntry",
    "Certificate",
    "ClassGroup",
    "ClassMembership",
    "Contact",
    "Cover",
    "Crossing",
    "DisposalApproval",
    "Entry",
    "FormerFacts",
    "ImportRun",
    "KeptCount",
    "Mark",
    "PlannedAbsence",
    "PolicyVersion",
    "PreviousAttendance",
    "Proposal",
    "Pupil",
    "Register",
    "Registration",
    "Reminder",
    "RetentionRule",
    "SchoolDay",
    "Teaching",
]
