"""Classes, who is in them and who takes their registers, all by date: last term's class list stays last term's."""

from django.db import models
from django.db.models import F, Q

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned
from registers.querysets import ClassGroupQuerySet


class ClassGroup(SchoolOwned):
    """A registration class."""

    name = models.CharField(max_length=30)

    objects = SchoolManager.from_queryset(ClassGroupQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["school", "name"], name="class_name_once"),
            models.UniqueConstraint(fields=["school", "id"], name="classgroup_same_school"),
        ]

    def __str__(self) -> str:
        return self.name


class ClassMembership(SchoolOwned):
    """A pupil in a class from a day to a day (inclusive.

    Open when `end` is empty). Spells of one pupil never overlap.
    """

    pupil = SameSchoolKey("registers.Pupil", related_name="class_memberships", db_index=False)
    class_group = SameSchoolKey(ClassGroup, related_name="memberships", db_index=False)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    year_group = models.CharField(max_length=2, blank=True, help_text="Held at that time; empty: the pupil's own.")

    class Meta(SchoolOwned.Meta):
        indexes = [
            models.Index(fields=["school", "class_group", "start"], name="membership_of_class"),
            models.Index(fields=["school", "pupil", "start"], name="membership_of_pupil"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(end=None) | Q(start__lte=F("end")), name="class_membership_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.class_group} from {self.start}"


class Teaching(SchoolOwned):
    """A teacher's own class, from a day to a day; it says whose registers are hers to take."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    class_group = SameSchoolKey(ClassGroup, related_name="teachings")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    class Meta(SchoolOwned.Meta):
        constraints = [models.CheckConstraint(condition=Q(end=None) | Q(start__lte=F("end")), name="teaching_in_order")]

    def __str__(self) -> str:
        return f"{self.user}: {self.class_group}"


class Cover(SchoolOwned):
    """Somebody takes a class for a day; the register says so."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    class_group = SameSchoolKey(ClassGroup, related_name="covers")
    day = models.DateField()
    noted_by = models.CharField(max_length=100)
    noted_at = models.DateTimeField()

    class Meta(SchoolOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["school", "class_group", "day", "user"], name="cover_once")]

    def __str__(self) -> str:
        return f"{self.user} covers {self.class_group} on {self.day}"
