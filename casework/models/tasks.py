"""What is to be done about a pupil, by whom and until when."""

from django.db import models
from django.db.models import Q

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned
from casework.models.escalations import Proposal
from casework.querysets import TaskQuerySet


class Task(SchoolOwned):
    """One thing to do, open until somebody says what came of it."""

    class Kind(models.TextChoices):
        DO = "do", "To do"
        LETTER = "letter", "Letter"
        REFERRAL = "referral", "Referral"

    pupil = SameSchoolKey("registers.Pupil", related_name="tasks", db_index=False)
    proposal = SameSchoolKey(Proposal, related_name="tasks", null=True, blank=True, db_index=False)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.DO)
    weekly = SameSchoolKey(
        "casework.WeeklyMeeting", related_name="tasks", null=True, blank=True, help_text="Where it was agreed."
    )
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    owner = models.CharField(max_length=100, help_text="The role that does it.")
    due = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=500, blank=True, help_text="What came of it.")

    objects = SchoolManager.from_queryset(TaskQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["due", "pk"]
        indexes = [
            models.Index(fields=["school", "due"], condition=Q(done_at=None), name="open_tasks"),
            models.Index(fields=["school", "pupil"], name="task_of_pupil"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="task_same_school"),
            models.UniqueConstraint(
                fields=["school", "proposal"], condition=Q(proposal__isnull=False), name="one_task_a_proposal"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="task_done_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return self.title
