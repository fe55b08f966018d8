"""What a family said of an absence, the code it stands for, and what came as evidence."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned
from casework.models.contacts import ContactRecord
from casework.querysets.contacts import AbsenceReportQuerySet
from registers.calendar_rules import Session
from registers.models.marks import SESSIONS


class AbsenceReport(SchoolOwned):
    """The reason of an absence in the family's words. The code that was proposed and the code decided are two facts."""

    class Source(models.TextChoices):
        CALL = "call", "Telephone call"
        ANSWERPHONE = "answerphone", "Answerphone"
        EMAIL = "email", "E-mail or text"
        HATCH = "hatch", "At the school office"
        TEACHER = "teacher", "Told the class teacher"

    class Evidence(models.TextChoices):
        NOT_ASKED = "not_asked", "Not asked for"
        ASKED = "asked", "Asked for"
        RECEIVED = "received", "Received"

    pupil = SameSchoolKey("registers.Pupil", related_name="absence_reports", db_index=False)
    together = models.UUIDField(default=uuid4, help_text="The same for the children of one report.")
    source = models.CharField(max_length=11, choices=Source)
    contact = SameSchoolKey("registers.Contact", null=True, blank=True, related_name="absence_reports")
    who = models.CharField(max_length=200, help_text="Who reported it, as known then.")
    words = models.CharField(max_length=400, help_text="The reason in the words of the family.")
    start = models.DateField()
    start_session = models.SmallIntegerField(choices=SESSIONS, default=Session.AM)
    end = models.DateField(help_text="The last day of the absence, as far as anybody knows.")
    expected_back = models.DateField(null=True, blank=True)

    proposed = models.SmallIntegerField(help_text="The code that whoever took the report proposes.")
    decided = models.SmallIntegerField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    evidence = models.CharField(max_length=9, choices=Evidence, default=Evidence.NOT_ASKED)
    asked_on = models.DateField(null=True, blank=True)
    received_on = models.DateField(null=True, blank=True)
    evidence_note = models.CharField(max_length=300, blank=True)

    record = SameSchoolKey(ContactRecord, null=True, blank=True, related_name="absence_reports")
    planned = SameSchoolKey("registers.PlannedAbsence", null=True, blank=True, related_name="+")
    marks = models.JSONField(default=list, help_text="Marks it made, and what stood there before, for undoing it.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=100)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undone_because = models.CharField(max_length=300, blank=True)

    objects = SchoolManager.from_queryset(AbsenceReportQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["-made_at", "-pk"]
        indexes = [
            models.Index(fields=["school", "pupil", "start"], name="absence_report_of_pupil"),
            models.Index(
                fields=["school", "start"], condition=Q(decided=None, undone_at=None), name="absence_report_to_decide"
            ),
            models.Index(
                fields=["school", "asked_on"], condition=Q(evidence="asked", undone_at=None), name="evidence_awaited"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="absencereport_same_school"),
            models.CheckConstraint(condition=Q(start__lte=F("end")), name="absence_report_in_order"),
            models.CheckConstraint(
                condition=Q(decided=None, decided_at=None, decided_by=None)
                | Q(decided__isnull=False, decided_at__isnull=False),
                name="absence_report_decided_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False),
                name="absence_report_undone_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"Absence from {self.start:%-d %B %Y}"
