"""The admission register: pupils, their spells on roll, and the people to contact (SI 2024/208 reg 8.

Law.md 3.9, 3.10).
"""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned
from registers import roll
from registers.querysets import PupilQuerySet


class Pupil(SchoolOwned):
    """One child's registration at one school; elsewhere in the trust she is another row with the same UPN."""

    class Sex(models.TextChoices):
        FEMALE = "F", "Female"
        MALE = "M", "Male"

    class SenStatus(models.TextChoices):
        NONE = "N", "No special educational need"
        SUPPORT = "K", "SEN support"
        EHCP = "E", "Education, health and care plan"

    YEAR_GROUPS = roll.YEAR_GROUPS

    # Four bytes, not eight: a mark carries it fifteen million times a year.
    id = models.AutoField(primary_key=True)
    upn = models.CharField("UPN", max_length=13)
    former_upn = models.CharField("former UPN", max_length=13, blank=True)
    legal_surname = models.CharField(max_length=100)
    legal_forename = models.CharField(max_length=100)
    middle_names = models.CharField(max_length=200, blank=True)
    preferred_surname = models.CharField(max_length=100, blank=True)
    preferred_forename = models.CharField(max_length=100, blank=True)
    date_of_birth = models.DateField()
    compulsory_from = models.DateField(help_text="First day of compulsory school age (Education Act 1996 s.8).")
    compulsory_until = models.DateField(help_text="Last day of compulsory school age.")
    sex = models.CharField(max_length=1, choices=Sex)
    year_group = models.CharField(max_length=2, choices=[(y, y) for y in YEAR_GROUPS])

    ethnicity = models.CharField(max_length=50, blank=True)
    first_language = models.CharField(max_length=50, blank=True)
    sen_status = models.CharField("SEN", max_length=1, choices=SenStatus, blank=True)
    # Three values: yes, no, and not known (empty in a pack), because a group figure must not count a guess.
    eal = models.BooleanField("English as an additional language", null=True, blank=True)
    fsm = models.BooleanField("free school meals", null=True, blank=True)
    fsm_ever6 = models.BooleanField("free school meals in the last six years", null=True, blank=True)
    pupil_premium = models.BooleanField(null=True, blank=True)
    looked_after = models.BooleanField(null=True, blank=True)
    previously_looked_after = models.BooleanField(null=True, blank=True)
    adopted = models.BooleanField(null=True, blank=True)
    service_child = models.BooleanField(null=True, blank=True)
    young_carer = models.BooleanField(null=True, blank=True)
    child_protection = models.BooleanField(null=True, blank=True)
    arp = models.BooleanField("additionally resourced provision", null=True, blank=True)
    vulnerable = models.BooleanField(null=True, blank=True)
    boarder = models.BooleanField(null=True, blank=True)
    social_worker = models.CharField(max_length=100, blank=True)
    youth_offending = models.CharField("youth offending worker", max_length=100, blank=True)
    medical_note = models.TextField(blank=True)
    changed_at = models.DateTimeField(
        help_text="When the child's record last changed; upper floors look again after it."
    )

    objects = SchoolManager.from_queryset(PupilQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["legal_surname", "legal_forename", "upn"]
        indexes = [models.Index(fields=["school", "changed_at"], name="pupil_changed")]
        constraints = [
            models.UniqueConstraint(fields=["school", "upn"], name="upn_once_in_school"),
            models.UniqueConstraint(fields=["school", "id"], name="pupil_same_school"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("registers:see_pupil", args=[self.school.urn, self.pk])

    @property
    def forename(self) -> str:
        """The forename the child goes by."""
        return self.preferred_forename or self.legal_forename

    @property
    def surname(self) -> str:
        """The surname the child goes by."""
        return self.preferred_surname or self.legal_surname

    @property
    def name(self) -> str:
        """The name the child goes by."""
        return f"{self.forename} {self.surname}"

    @property
    def needs_watching(self) -> bool:
        """Whether an unexplained absence of this child is the first to be followed up."""
        return bool(self.vulnerable or self.child_protection or self.looked_after or self.social_worker)


class Registration(SchoolOwned):
    """A spell on the school's roll; `leaving_date` is the last day on roll. The newest spell is the current one."""

    class Ground(models.TextChoices):
        """Grounds for deletion, compulsory school age: SI 2024/208 reg 9(1)."""

        A = "a", "Now registered at another school"
        B = "b", "Nursery pupil not continuing into the school"
        C = "c", "Registered at more than one school, and the others agree"
        D = "d", "School attendance order changed to name another school"
        E = "e", "School attendance order revoked"
        F = "f", "To be educated otherwise than at school"
        G = "g", "No longer lives a reasonable distance from the school"
        H = "h", "Did not come back after leave of absence"
        I = "i", "Continuously absent for 20 school days"  # noqa: E741 - the letter is the law's
        J = "j", "Detained under a sentence"
        K = "k", "Has died"
        L = "l", "Over compulsory school age and not continuing into the sixth form"
        M = "m", "Boarder whose fees are unpaid at the end of term"
        N = "n", "No longer a pupil at an independent or non-maintained special school"
        O = "o", "Permanently excluded"  # noqa: E741

    pupil = SameSchoolKey(Pupil, related_name="registrations", db_index=False)
    admission_date = models.DateField(help_text="The starting day: a mark is due from then on.")
    leaving_date = models.DateField(null=True, blank=True, help_text="The last day on roll.")
    leaving_ground = models.CharField(max_length=1, choices=Ground, blank=True)
    destination = models.CharField(max_length=200, blank=True)
    last_school = models.CharField(max_length=200, blank=True)

    class Meta(SchoolOwned.Meta):
        ordering = ["admission_date"]
        constraints = [
            models.UniqueConstraint(fields=["school", "pupil", "admission_date"], name="registration_once"),
            models.CheckConstraint(
                condition=Q(leaving_date=None) | Q(admission_date__lte=F("leaving_date")),
                name="registration_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.admission_date} to {self.leaving_date or 'now'}"


class Contact(SchoolOwned):
    """A parent or another person to reach for a child, in order of priority."""

    pupil = SameSchoolKey(Pupil, related_name="contacts", db_index=False)
    priority = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=20, blank=True)
    forename = models.CharField(max_length=100, blank=True)
    surname = models.CharField(max_length=100)
    relationship = models.CharField(max_length=50, blank=True)
    parental_responsibility = models.BooleanField(null=True, blank=True)
    lives_with_pupil = models.BooleanField(null=True, blank=True)
    address_1 = models.CharField(max_length=200, blank=True)
    address_2 = models.CharField(max_length=200, blank=True)
    town = models.CharField(max_length=100, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    mobile = models.CharField(max_length=30, blank=True)
    home_phone = models.CharField(max_length=30, blank=True)
    work_phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    receives_letters = models.BooleanField(null=True, blank=True)
    language = models.CharField(max_length=50, blank=True)
    notes = models.TextField(blank=True)

    class Meta(SchoolOwned.Meta):
        ordering = ["priority"]
        constraints = [
            models.UniqueConstraint(fields=["school", "pupil", "priority"], name="contact_priority_once"),
            models.UniqueConstraint(fields=["school", "id"], name="contact_same_school"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def speaks_another_language(self) -> bool:
        return self.language.strip().lower() not in ("", "english")

    @property
    def numbers(self) -> list[str]:
        """Telephone numbers, the one to try first in front."""
        return [number for number in (self.mobile, self.home_phone, self.work_phone) if number]

    @property
    def address(self) -> str:
        """The address in one line."""
        return ", ".join(filter(None, [self.address_1, self.address_2, self.town, self.postcode]))

    @property
    def name(self) -> str:
        """Title, forename and surname, as far as they are known."""
        return " ".join(filter(None, [self.title, self.forename, self.surname]))
