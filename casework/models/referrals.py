"""The services a school refers to, and what was sent to them about a child."""

from django.db import models
from django.db.models import F, Q

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned
from casework.querysets.referrals import ReferralQuerySet
from casework.referral_rules import CONSENTS, SERVICES, Consent


class Agency(SchoolOwned):
    """One service the school refers to, and how it is reached."""

    name = models.CharField(max_length=200)
    service = models.CharField(
        "what it does", max_length=13, choices=[(s.value, label) for s, label in SERVICES.items()]
    )
    contact = models.CharField("whom to ask for", max_length=200, blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    email = models.EmailField("e-mail", blank=True)
    answer_days = models.PositiveSmallIntegerField(
        "days until it answers", default=14, help_text="Proposed as the due date of a referral."
    )
    is_in_use = models.BooleanField("in use", default=True)

    class Meta(SchoolOwned.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="agency_same_school"),
            models.UniqueConstraint(fields=["school", "name"], name="agency_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Referral(SchoolOwned):
    """One referral of a child: what was sent and on whose consent, until when an answer is due, and the answer."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "They take it on"
        MORE = "more", "They ask for more"
        DECLINED = "declined", "They do not take it on"

    pupil = SameSchoolKey("registers.Pupil", related_name="referrals", db_index=False)
    agency = SameSchoolKey(Agency, related_name="referrals", db_index=False)
    sent_on = models.DateField()
    concern = models.TextField(help_text="Why, and what is hoped for.")
    what = models.CharField(max_length=500, help_text="What was sent: forms, summaries, letters.")
    consent = models.CharField(max_length=9, choices=[(c.value, label) for c, label in CONSENTS.items()])
    because = models.CharField(max_length=500, blank=True, help_text="Why it goes without the parents' agreement.")
    due = models.DateField(help_text="By when an answer is expected.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_on = models.DateField(null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    answer = models.TextField(blank=True)

    objects = SchoolManager.from_queryset(ReferralQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["-sent_on", "-pk"]
        indexes = [
            models.Index(fields=["school", "due"], condition=Q(answered_on=None), name="referrals_awaiting_answer"),
            models.Index(fields=["school", "pupil"], name="referral_of_pupil"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="referral_same_school"),
            models.CheckConstraint(condition=Q(due__gte=F("sent_on")), name="referral_in_order"),
            models.CheckConstraint(
                condition=Q(consent=Consent.GIVEN.value) | ~Q(because=""), name="referral_without_consent_says_why"
            ),
            models.CheckConstraint(
                condition=Q(answered_on=None, outcome="") | Q(answered_on__gte=F("sent_on")) & ~Q(outcome=""),
                name="referral_answered_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"Referral of {self.sent_on:%-d %B %Y}"
