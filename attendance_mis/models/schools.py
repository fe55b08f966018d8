"""Trusts and schools: who the registers belong to, and the times and settings a school lives by."""

from datetime import time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse


class Trust(models.Model):
    """A group of schools that share a board; a school may stand alone."""

    name = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.name


class School(models.Model):
    """One school, with the facts that its registers and letters carry (school.toml of a school pack)."""

    class Phase(models.TextChoices):
        PRIMARY = "primary", "Primary"
        SECONDARY = "secondary", "Secondary"
        SPECIAL = "special", "Special"
        ALL_THROUGH = "all-through", "All-through"
        PRU = "pru", "Pupil referral unit"

    class Type(models.TextChoices):
        MAINTAINED = "maintained", "Maintained"
        ACADEMY = "academy", "Academy"
        INDEPENDENT = "independent", "Independent"
        PRU = "pru", "Pupil referral unit"

    class SecondStep(models.TextChoices):
        WHOLE_SCHOOL = "whole_school", "Everybody but class teachers and governors"
        EVERYBODY = "everybody", "Everybody"
        NOBODY = "nobody", "Nobody"

    # Four bytes: every mark carries it.
    id = models.AutoField(primary_key=True)
    trust = models.ForeignKey(Trust, on_delete=models.PROTECT, null=True, blank=True, related_name="schools")
    urn = models.CharField("URN", max_length=6, unique=True, validators=[RegexValidator(r"^\d{6}$")])
    laestab = models.CharField("LAESTAB", max_length=7, validators=[RegexValidator(r"^\d{7}$")])
    name = models.CharField(max_length=200)
    phase = models.CharField(max_length=12, choices=Phase)
    type = models.CharField(max_length=12, choices=Type, blank=True)
    local_authority = models.CharField(max_length=100)
    address = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    headteacher = models.CharField(max_length=100, blank=True)
    attendance_contact = models.CharField(max_length=100, blank=True)
    attendance_target = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal("96"))
    timezone = models.CharField(max_length=40, default="Europe/London")
    begun_with = models.CharField(
        max_length=32, null=True, unique=True, editable=False, help_text="The link it began with; each begins one."
    )

    am_register = models.TimeField(default=time(9, 0))
    am_closes = models.TimeField(default=time(9, 25))
    pm_register = models.TimeField(default=time(13, 0))
    pm_closes = models.TimeField(default=time(13, 15))
    day_ends = models.TimeField(default=time(15, 30))
    parents_report_by = models.TimeField(null=True, blank=True)
    registers_due_by = models.TimeField(null=True, blank=True)

    count_n_for_penalties = models.BooleanField(
        default=False, help_text="Councils differ on whether N counts towards the penalty threshold."
    )
    turn_old_n_into_o = models.BooleanField(
        default=False, help_text="Off: a person decides each N older than five school days."
    )
    second_step = models.CharField(
        max_length=12,
        choices=SecondStep,
        default=SecondStep.WHOLE_SCHOOL,
        help_text="A passkey or a code of an app, besides the password.",
    )
    school_account_is_enough = models.BooleanField(
        default=False, help_text="Who signs in with Google or Microsoft was asked for a second step there."
    )
    small_numbers_under = models.PositiveSmallIntegerField(
        default=6,
        validators=[MinValueValidator(3), MaxValueValidator(20)],
        help_text="Governors and the trust see no number of fewer pupils than this, nor one that gives it away.",
    )
    groups_as_at = models.DateField(
        null=True,
        blank=True,
        help_text="In its academic year only; empty: the first Thursday in October, the autumn census. Who compares "
        "figures of before and after another day is chosen can learn who changed group.",
    )
    is_demo = models.BooleanField(default=False)
    clock_offset = models.DurationField(
        null=True, blank=True, help_text="How far a demonstration's clock is from the true time; see clock.py."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(am_register__lt=models.F("am_closes"))
                & Q(am_closes__lte=models.F("pm_register"))
                & Q(pm_register__lt=models.F("pm_closes"))
                & Q(pm_closes__lte=models.F("day_ends")),
                name="school_times_in_order",
            ),
            models.CheckConstraint(
                condition=Q(small_numbers_under__range=(3, 20)), name="small_numbers_of_three_to_twenty"
            ),
            models.CheckConstraint(
                condition=Q(clock_offset=None) | Q(is_demo=True), name="only_a_demo_has_a_clock_of_its_own"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("home", args=[self.urn])

    @property
    def zone(self) -> ZoneInfo:
        """The school's own time zone."""
        return ZoneInfo(self.timezone)
