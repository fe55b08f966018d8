"""A SMART plan: targets tied to barriers, who does what, and its review."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from casework.case_rules import GOALS, goal_sentence
from casework.models.cases import Barrier, Case
from registers.attendance import Summary


class Plan(SchoolOwned):
    """What a family and the school agreed, until its review. A case has at most one that is not reviewed."""

    case = SameSchoolKey(Case, related_name="plans")
    starts = models.DateField()
    review_on = models.DateField()
    support = models.TextField(blank=True, help_text="What is offered.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    is_reviewed = models.BooleanField(default=False)
    reviewed_on = models.DateField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    was_held = models.BooleanField(null=True, blank=True, help_text="No: the family did not come.")
    present = models.CharField(max_length=300, blank=True)
    summary = models.TextField(blank=True)
    helped = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    before_attended = models.PositiveIntegerField(default=0)
    before_absent = models.PositiveIntegerField(default=0)
    before_possible = models.PositiveIntegerField(default=0)
    after_attended = models.PositiveIntegerField(default=0)
    after_absent = models.PositiveIntegerField(default=0)
    after_possible = models.PositiveIntegerField(default=0)

    class Meta(SchoolOwned.Meta):
        ordering = ["-starts", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="plan_same_school"),
            models.UniqueConstraint(fields=["school", "case"], condition=Q(is_reviewed=False), name="one_running_plan"),
            models.CheckConstraint(condition=Q(review_on__gt=F("starts")), name="plan_in_order"),
            models.CheckConstraint(
                condition=Q(is_reviewed=False, reviewed_on=None, was_held=None)
                | Q(is_reviewed=True, reviewed_on__gte=F("starts"), was_held__isnull=False),
                name="plan_reviewed_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"Plan from {self.starts:%-d %B %Y}"

    @property
    def before(self) -> Summary:
        """As many school days before the plan as it ran, as they stood at the review."""
        return Summary(possible=self.before_possible, attended=self.before_attended, unauthorised=self.before_absent)

    @property
    def after(self) -> Summary:
        """From the plan's first day to its review."""
        return Summary(possible=self.after_possible, attended=self.after_attended, unauthorised=self.after_absent)


class Target(SchoolOwned):
    """One measurable end of a plan, tied to a barrier."""

    plan = SameSchoolKey(Plan, related_name="targets")
    barrier = SameSchoolKey(Barrier, related_name="targets", null=True, blank=True)
    goal = models.CharField(max_length=13, choices=[(goal.value, label) for goal, label in GOALS.items()])
    amount = models.DecimalField(max_digits=6, decimal_places=2)
    by = models.DateField()
    was_met = models.BooleanField(null=True, blank=True)

    class Meta(SchoolOwned.Meta):
        ordering = ["pk"]

    def __str__(self) -> str:
        return goal_sentence(self.goal, self.amount, self.by)


class PlanAction(SchoolOwned):
    """Who does what."""

    class Who(models.TextChoices):
        PARENTS = "parents", "Parents"
        CHILD = "child", "Child"
        SCHOOL = "school", "School"
        PRACTITIONER = "practitioner", "Practitioner"

    plan = SameSchoolKey(Plan, related_name="actions")
    who = models.CharField(max_length=12, choices=Who)
    what = models.CharField(max_length=300)
    is_done = models.BooleanField(null=True, blank=True)

    class Meta(SchoolOwned.Meta):
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_who_display()}: {self.what}"
