"""By which rule each table of the project is kept: stated once, for the deletion, the page and the house test. Pure.

A table is named as Django names it, since the floors above stand above. `tests/house/test_retention.py` fails for one
that has no line here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto


class How(Enum):
    """What decides that a row may go."""

    BLOCK = auto()  # with its sealed block, by the day it was made
    DAY = auto()  # with the registers of its day
    CHILD = auto()  # so many years after the child it leads to has left
    DATED = auto()  # by a day of its own, when no row that stays names it
    STAFF = auto()  # so many years after a person's last role, when no row names her
    SWEPT = auto()  # by itself, without anybody's decision: `why` says when
    STAYS = auto()  # as long as the school is here: `why` says why


@dataclass(frozen=True, slots=True)
class Kept:
    """The rule of one table. `ends` are the columns of a row that is kept by date; one of them in time is enough."""

    how: How
    category: str = ""
    ends: tuple[str, ...] = ()
    why: str = ""


def _all(kept: Kept, labels: str) -> Iterable[tuple[str, Kept]]:
    return ((label, kept) for label in labels.split())


def _dated(category: str, ends: dict[str, str]) -> Iterable[tuple[str, Kept]]:
    return ((label, Kept(How.DATED, category, tuple(columns.split()))) for label, columns in ends.items())


def _stays(why: str, labels: str) -> Iterable[tuple[str, Kept]]:
    return _all(Kept(How.STAYS, why=why), labels)


def _swept(why: str, labels: str) -> Iterable[tuple[str, Kept]]:
    return _all(Kept(How.SWEPT, why=why), labels)


TABLES: dict[str, Kept] = dict(
    (
        *_all(Kept(How.BLOCK, "registers"), "registers.Entry registers.Amendment registers.Certificate"),
        *_all(Kept(How.BLOCK, "audit"), "attendance_mis.AuditRow attendance_mis.TokenUse"),
        *_all(Kept(How.BLOCK, "reports"), "reports.GovernorReport"),
        *_all(
            Kept(How.DAY, "registers"),
            "registers.Mark registers.Register registers.Crossing registers.Reminder registers.Proposal registers.Cover"
            " casework.SessionClose",
        ),
        *_all(
            Kept(How.CHILD, "penalties"),
            "penalties.Decision penalties.Document penalties.ImprovementNotice penalties.PenaltyNotice"
            " penalties.NoticeSession penalties.NoticeEvent penalties.Pack penalties.PackItem penalties.Order"
            " penalties.Evidence penalties.Watch",
        ),
        *_all(
            Kept(How.CHILD, "casework"),
            "casework.ContactRecord casework.AbsenceReport casework.Case casework.Barrier casework.Note"
            " casework.ClockDone casework.AccountedFor casework.Standing casework.Proposal casework.FilledForm"
            " casework.FormSignature casework.LeaveRequest casework.Meeting casework.Invitee casework.Plan"
            " casework.Target casework.PlanAction casework.Referral casework.Supervision casework.Task"
            " casework.WeeklyItem",
        ),
        *_all(
            Kept(How.CHILD, "letters"),
            "letters.Message letters.Reply letters.Sensitivity letters.Letter letters.Copy letters.StoredPdf",
        ),
        *_all(
            Kept(How.CHILD, "children"),
            "registers.Pupil registers.Registration registers.Contact registers.ClassMembership"
            " registers.PreviousAttendance registers.PlannedAbsence registers.FormerFacts",
        ),
        *_dated("audit", {"registers.DisposalApproval": "approved_at"}),
        *_dated(
            "reports",
            {
                "casework.AuthorityReturn": "made_at",
                "casework.WeeklyMeeting": "on",
                "casework.Evaluation": "on",
                "casework.PolicyDraft": "made_at",
                "letters.PrintRun": "made_at",
            },
        ),
        *_dated(
            "running",
            {
                "registers.ImportRun": "uploaded_at",
                "attendance_mis.ScheduledRun": "started_at",
                "attendance_mis.Token": "revoked_at expires_at",
                "attendance_mis.Webhook": "ended_at",
                "attendance_mis.Delivery": "made_at",
            },
        ),
        *_dated("staff", {"registers.Teaching": "end", "attendance_mis.Authorisation": "withdrawn_on until"}),
        *_all(Kept(How.STAFF, "staff"), "attendance_mis.User attendance_mis.Membership"),
        *_swept("its time is over: at the next sign-in of anybody", "attendance_mis.Session"),
        *_swept("half an hour old, hashes only: at the next sign-in of anybody", "attendance_mis.SignInFailure"),
        *_swept("a year old: by the job that makes reports; it can be made again", "reports.MadeReport"),
        *_swept("her role at the school ends, or she ends it", "attendance_mis.CalendarFeed"),
        *_swept("the marks it counts are gone: by the database itself", "registers.KeptCount"),
        *_swept(
            "the person is deleted, whose way in it is; after her last role it opens nothing",
            "account.EmailAddress mfa.Authenticator socialaccount.SocialAccount",
        ),
        *_swept("never written: the library has the table", "sessions.Session account.EmailConfirmation"),
        *_swept("never written: no key of a person's school account is kept", "socialaccount.SocialToken"),
        *_stays("it proves what is gone", "attendance_mis.Block attendance_mis.Disposal"),
        *_stays("the school itself", "attendance_mis.School attendance_mis.Trust registers.ClassGroup"),
        *_stays("every register is read by it, and it names no child", "registers.CalendarEntry registers.SchoolDay"),
        *_stays(
            "what was decided or written in its time is read by it, and it names no child",
            "registers.PolicyVersion penalties.Readings letters.LetterTemplate letters.TemplateVersion",
        ),
        *_stays(
            "a setting of today, which is changed and not added to",
            "registers.RetentionRule casework.FirstDaySettings casework.ReturnAgreement casework.Agency"
            " letters.Letterhead letters.ScheduleSetting reports.SwitchedOff socialaccount.SocialApp",
        ),
        *_stays("one number: how far was looked", "letters.EvidenceCheck penalties.LastLook"),
        *_stays("published figures of no child", "reports.PublishedRate"),
        *_stays("name, size and hash of a file; nobody's data", "attendance_mis.BackupMade"),
        *_stays("Django's own, of nobody", "auth.Permission auth.Group contenttypes.ContentType"),
    )
)


def of(category: str, how: How) -> list[str]:
    """The tables of a category that are kept in this way, in the order they stand here."""
    return [label for label, kept in TABLES.items() if kept.category == category and kept.how is how]
