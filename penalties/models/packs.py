"""The referral pack of one parent and child, and the other orders a family may be under."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from penalties.models.notices import Document
from penalties.pack_rules import ENTERED, WAIVABLE, Part


class Pack(SchoolOwned):
    """A referral to the local authority, begun, filled, and completed once; what it printed is kept with its hash."""

    class Route(models.TextChoices):
        S444_1 = "444(1)", "Prosecution under section 444(1): the child does not attend regularly"
        S444_1A = "444(1A)", "Prosecution under section 444(1A): the parent knows and does not act"
        OTHER = "other", "Another order"

    pupil = SameSchoolKey("registers.Pupil", related_name="referral_packs")
    contact = SameSchoolKey("registers.Contact", related_name="referral_packs")
    route = models.CharField(max_length=10, choices=Route)
    first = models.DateField()
    last = models.DateField()
    begun_on = models.DateField()
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    checklist = models.JSONField(default=dict, help_text="Line of the checklist: [answer, day].")
    statement = models.TextField(blank=True)
    signed_on = models.DateField(null=True, blank=True)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_as = models.CharField(max_length=201, blank=True, help_text="Name and position.")
    completed_on = models.DateField(null=True, blank=True)
    dropped_on = models.DateField(null=True, blank=True)
    document = SameSchoolKey(Document, related_name="+", null=True, blank=True)
    figures = SameSchoolKey(Document, related_name="+", null=True, blank=True)

    class Meta(SchoolOwned.Meta):
        ordering = ["-begun_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="pack_same_school"),
            models.UniqueConstraint(
                fields=["school", "contact"],
                condition=Q(completed_on=None, dropped_on=None),
                name="one_open_pack_a_parent",
            ),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="pack_in_order"),
            models.CheckConstraint(
                condition=Q(completed_on=None, document=None)
                | Q(completed_on__isnull=False, document__isnull=False, signed_on__isnull=False),
                name="pack_complete_is_kept",
            ),
        ]

    def __str__(self) -> str:
        return f"Referral pack begun on {self.begun_on:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("penalties:see_pack", args=[self.school.urn, self.pk])

    @property
    def is_open(self) -> bool:
        return self.completed_on is None and self.dropped_on is None


class PackItem(SchoolOwned):
    """Something a person adds to a part of a pack, or why the part is left out."""

    pack = SameSchoolKey(Pack, related_name="items")
    part = models.CharField(max_length=12, choices=[(p.value, p.heading) for p in Part if p in {*ENTERED, *WAIVABLE}])
    on = models.DateField(null=True, blank=True)
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    document = SameSchoolKey(Document, related_name="+", null=True, blank=True)
    received = models.CharField(max_length=300, blank=True, help_text="Name and SHA-256 of the file as it came.")
    is_waiver = models.BooleanField(default=False)
    noted_on = models.DateField()
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(SchoolOwned.Meta):
        ordering = ["on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_waiver=True, on=None) | Q(is_waiver=False, on__isnull=False), name="pack_item_has_a_day"
            ),
            models.CheckConstraint(condition=~Q(text="") | Q(document__isnull=False), name="pack_item_says_something"),
        ]

    def __str__(self) -> str:
        return self.title or self.text[:60]


class Order(SchoolOwned):
    """Another measure about a family: contract, order or prosecution, with its days."""

    class Kind(models.TextChoices):
        CONTRACT = "contract", "Attendance contract"
        SUPERVISION = "supervision", "Education supervision order"
        PARENTING = "parenting", "Parenting order"
        ATTENDANCE = "attendance", "School attendance order"
        S444_1 = "444(1)", "Prosecution under section 444(1)"
        S444_1A = "444(1A)", "Prosecution under section 444(1A)"

    pupil = SameSchoolKey("registers.Pupil", related_name="attendance_orders")
    contact = SameSchoolKey("registers.Contact", related_name="attendance_orders", null=True, blank=True)
    kind = models.CharField(max_length=11, choices=Kind)
    asked_on = models.DateField(help_text="When it was offered or asked for.")
    made_on = models.DateField(null=True, blank=True, help_text="When it was agreed or made.")
    ends_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)
    noted_on = models.DateField()
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(SchoolOwned.Meta):
        ordering = ["-asked_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="order_same_school"),
            models.CheckConstraint(
                condition=(Q(made_on=None) | Q(made_on__gte=F("asked_on")))
                & (Q(ends_on=None) | Q(made_on__isnull=False, ends_on__gte=F("made_on"))),
                name="order_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
