"""What one person lends another: a permission at a school, from a day until it ends or is withdrawn."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from attendance_mis.models.people import User
from attendance_mis.models.schools import School
from attendance_mis.permissions import LENDABLE


class AuthorisationQuerySet(models.QuerySet["Authorisation"]):
    def in_force(self, on: date) -> "AuthorisationQuerySet":
        """Those that hold on a day. One that is withdrawn holds no more from that day on."""
        return self.filter(starts__lte=on).filter(
            Q(until=None) | Q(until__gte=on), Q(withdrawn_on=None) | Q(withdrawn_on__gt=on)
        )


class Authorisation(models.Model):
    """A headteacher's word that somebody may do at this school what only she may, as a dated record.

    `permissions.can` asks for it. It is never changed, only withdrawn: what was done under it stays proved.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="authorisations")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="authorisations")
    person_name = models.CharField(max_length=100)
    person_position = models.CharField(max_length=100)
    permission = models.CharField(max_length=100, choices=[(p.value, p.value) for p in sorted(LENDABLE)])
    starts = models.DateField()
    until = models.DateField(null=True, blank=True, help_text="The last day; empty: until it is withdrawn.")
    given_on = models.DateField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_name = models.CharField(max_length=100)
    given_position = models.CharField(max_length=100)
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_why = models.CharField(max_length=300, blank=True)

    objects = AuthorisationQuerySet.as_manager()

    class Meta:
        ordering = ["-starts", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="authorisation_same_school"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("starts")), name="authorisation_in_order"),
            models.CheckConstraint(condition=~Q(person=F("given_by")), name="nobody_authorises_herself"),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawn_by=None)
                | Q(withdrawn_on__isnull=False, withdrawn_by__isnull=False),
                name="authorisation_withdrawn_on_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_name}, {self.person_position}, authorised by {self.given_name}"

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        ends = self.until is not None and day > self.until
        return self.starts <= day and not ends and (self.withdrawn_on is None or day < self.withdrawn_on)
