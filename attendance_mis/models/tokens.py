"""Partners that read a school's records by machine: the token each has, and how much it reads."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Max, Min, Q, QuerySet, Sum, Value, When

from attendance_mis.models.audit import AppendOnlyLog
from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned, SchoolQuerySet

WHO_LENGTH = 202  # a name, a comma, a position
MINUTE = timedelta(minutes=1)


class Scope(models.TextChoices):
    """What a token may open; the label is what the page says of it."""

    MARKS = "marks", "Marks of each pupil, by UPN, and their changes"
    PUPILS = "pupils", "Pupils: UPN, names, date of birth, class, and time on roll"
    SUMMARIES = "summaries", "Summaries: sessions and percentages by pupil, by UPN, and by class, year and group"


class TokenQuerySet(SchoolQuerySet):
    def in_use(self, now: datetime) -> "TokenQuerySet":
        """Those with which somebody gets in at this moment."""
        return self.filter(opened_at__isnull=False, revoked_at=None, expires_at__gt=now)

    def take_turn(self, now: datetime, most: int) -> bool:
        """Count one request of the minute that began with the token's first; false when it has had `most` of them.

        One conditional UPDATE: two processes never let one request too many through.
        """
        is_same_minute = Q(minute_began__gt=now - MINUTE)
        free = self.filter(Q(minute_began=None) | ~is_same_minute | Q(asked_in_minute__lt=most))
        turn = Case(When(is_same_minute, then=F("asked_in_minute") + 1), default=Value(1))
        began = Case(When(is_same_minute, then=F("minute_began")), default=Value(now))
        return bool(free.update(asked_in_minute=turn, minute_began=began))


class TokenUseQuerySet(SchoolQuerySet):
    def by_day(self) -> QuerySet[Any, dict[str, Any]]:
        """What was read on each day, the newest first, as the page tells it."""
        days = self.values("day", "what").annotate(
            requests=Sum("times"), read=Sum("rows"), since=Min("first"), until=Max("last")
        )
        return days.order_by("-day", "what")


class Token(SchoolOwned):
    """One partner's way in to one school: asked for, opened by the head, and over when it expires or is revoked.

    The secret itself is nowhere, only its SHA-256. The minute counts what a partner asks (`take_turn`); it also
    says when the token was last used.
    """

    partner = models.CharField(max_length=100)
    purpose = models.CharField(max_length=300)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope))
    expires_at = models.DateTimeField(help_text="The end of the last day, as the school counts days.")
    digest = models.CharField(max_length=64, null=True, help_text="SHA-256 of the secret.")
    ends = models.CharField(max_length=4, blank=True, help_text="How the secret ends, so that people can match it.")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=WHO_LENGTH)
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.CharField(max_length=WHO_LENGTH, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=WHO_LENGTH, blank=True)
    minute_began = models.DateTimeField(null=True, blank=True)
    asked_in_minute = models.PositiveIntegerField(default=0)

    objects = SchoolManager.from_queryset(TokenQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="token_same_school"),
            models.UniqueConstraint(fields=["school", "digest"], name="token_digest_once"),
            models.CheckConstraint(
                condition=Q(opened_at=None, opened_by="", digest=None)
                | Q(opened_at__isnull=False, digest__isnull=False) & ~Q(opened_by=""),
                name="token_opened_by_somebody_with_a_secret",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by="") | Q(revoked_at__isnull=False) & ~Q(revoked_by=""),
                name="token_revoked_at_and_by",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("asked_at")), name="token_expires_after_it_began"),
        ]

    def __str__(self) -> str:
        return self.partner

    def state(self, now: datetime) -> str:
        """Where it stands, in a word that the page prints."""
        if self.revoked_at:
            return "Revoked"
        if self.expires_at <= now:
            return "Expired"
        return "Open" if self.opened_at else "Waiting for the head"

    def scope_labels(self) -> list[str]:
        """What it may read, in sentences."""
        return [Scope(scope).label for scope in self.scopes]


class TokenUse(AppendOnlyLog):
    """One answer to a partner: with which token, what, how many rows, and of which days of the register.

    What was noted before answers had a row each says of one day how often it was.
    """

    token = SameSchoolKey(Token, related_name="uses", db_index=False)
    what = models.CharField(max_length=40, help_text="The name of the url that was asked.")
    day = models.DateField(help_text="The school's own day.")
    times = models.PositiveIntegerField(default=1)
    rows = models.PositiveBigIntegerField()
    first = models.DateField(null=True, help_text="The first day of a register that was asked for.")
    last = models.DateField(null=True)
    at = models.DateTimeField()

    objects = SchoolManager.from_queryset(TokenUseQuerySet)()

    class Meta(AppendOnlyLog.Meta):
        indexes = [models.Index(fields=["school", "token", "-day"], name="uses_of_token")]

    def __str__(self) -> str:
        return f"{self.what} {self.day}"
