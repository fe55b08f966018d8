"""Set-based questions about pupils and marks, in the words of the register."""

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, Self

from django.db.models import BooleanField, Exists, F, OuterRef, Q, Subquery
from django.db.models.expressions import RawSQL

from attendance_mis.models import User
from attendance_mis.permissions import Grant
from attendance_mis.tenancy import SchoolQuerySet
from registers import codes
from registers.calendar_rules import Session


def standing_on(day: date) -> Q:
    """Rows with `start` and `end` that hold on a day, both inclusive; an empty end is open."""
    return Q(start__lte=day) & (Q(end=None) | Q(end__gte=day))


class ClassGroupQuerySet(SchoolQuerySet):
    """Classes of the schools in scope."""

    def own_classes(self, user: User, day: date) -> Self:
        """The classes this person answers for on a day: those she teaches, and those she covers that day.

        The one place that says what "her own classes" are.
        """
        teachings = self.model._meta.get_field("teachings").related_model
        covers = self.model._meta.get_field("covers").related_model
        return self.filter(
            Exists(teachings.objects.filter(standing_on(day), class_group=OuterRef("pk"), user=user))
            | Exists(covers.objects.filter(class_group=OuterRef("pk"), user=user, day=day))
        )

    def within(self, grant: Grant, user: User, day: date) -> Self:
        """The classes a permission reaches for this person on a day (`request.grant`)."""
        if grant == Grant.ALL:
            return self.all()
        return self.own_classes(user, day) if grant == Grant.OWN else self.none()


class PupilQuerySet(SchoolQuerySet):
    """Pupils of the schools in scope."""

    def on_roll(self, first: date, last: date | None = None) -> Self:
        """Pupils on roll on `first`, or on any day from `first` to `last`."""
        registrations = self.model._meta.get_field("registrations").related_model
        spell = registrations.objects.filter(
            Q(leaving_date=None) | Q(leaving_date__gte=first), pupil=OuterRef("pk"), admission_date__lte=last or first
        )
        return self.filter(Exists(spell))

    def in_class(self, class_group_id: int, day: date) -> Self:
        """Pupils who were members of the class on `day` and on roll."""
        return self._members_on(day, class_group=class_group_id).on_roll(day)

    def classmates_of(self, pupils: Iterable[int], day: date) -> Self:
        """Pupils on roll who are on a day in a class of one of these."""
        memberships = self.model._meta.get_field("class_memberships").related_model
        groups = memberships.objects.filter(standing_on(day), pupil__in=list(pupils)).values("class_group")
        return self._members_on(day, class_group__in=groups).on_roll(day)

    def without_class(self, day: date) -> Self:
        """Pupils on roll who are in no class on a day: nobody would take their register."""
        return self.on_roll(day).exclude(pk__in=self.model.objects.all()._members_on(day))

    def with_class(self, day: date) -> Self:
        """Each pupil with `class_id` and `class_name` on a day, or of the last class before it; null without any."""
        memberships = self.model._meta.get_field("class_memberships").related_model
        last = memberships.objects.filter(pupil=OuterRef("pk"), start__lte=day).order_by("-start")
        return self.annotate(
            class_id=Subquery(last.values("class_group")[:1]), class_name=Subquery(last.values("class_group__name")[:1])
        )

    def named(self, words: str) -> Self:
        """Pupils with every one of these words in a name, or this UPN."""
        found = self
        for word in words.split():
            names = ("legal_surname", "legal_forename", "middle_names", "preferred_surname", "preferred_forename")
            matches = [Q(**{f"{name}__icontains": word}) for name in names]
            found = found.filter(reduce(or_, matches, Q(upn__iexact=word) | Q(former_upn__iexact=word)))
        return found

    def called(self, name: str) -> Self:
        """Pupils whose names hold exactly these words, accents and case aside."""
        whole = RawSQL(
            "registers_pupil.search @@ replace(search_query(registers_pupil.school_id, %s)::text, ':*', '')::tsquery",
            [name[:200]],
            output_field=BooleanField(),
        )
        return self.filter(whole)

    def within(self, grant: Grant, user: User, day: date) -> Self:
        """The pupils a permission reaches for this person on a day (`request.grant`); OWN is her own classes."""
        if grant == Grant.ALL:
            return self.all()
        if grant != Grant.OWN:
            return self.none()
        groups = self.model._meta.get_field("class_memberships").related_model._meta.get_field("class_group")
        return self._members_on(day, class_group__in=groups.related_model.objects.own_classes(user, day))

    def _members_on(self, day: date, **which: Any) -> Self:
        memberships = self.model._meta.get_field("class_memberships").related_model
        return self.filter(Exists(memberships.objects.filter(standing_on(day), pupil=OuterRef("pk"), **which)))


class PlannedAbsenceQuerySet(SchoolQuerySet):
    """Planned absences of the schools in scope."""

    def standing(self) -> Self:
        """Those nobody cancelled."""
        return self.filter(cancelled_at=None)

    def planned_for(self, day: date, session: Session, pupils: Iterable[int] | None = None) -> Self:
        """What is planned for one session, at most one row a pupil: it pre-fills the register."""
        planned = (
            self.standing()
            .filter(Q(only_session=None) | Q(only_session=session), start__lte=day, end__gte=day)
            .exclude(start=day, start_session__gt=session)
            .exclude(end=day, end_session__lt=session)
        )
        planned = planned.annotate(on_weekday=F("weekdays").bitand(1 << day.weekday())).filter(on_weekday__gt=0)
        return planned if pupils is None else planned.filter(pupil__in=pupils)


class CrossingQuerySet(SchoolQuerySet):
    """Comings and goings at the schools in scope."""

    def last_of(self, day: date, pupils: Iterable[int] | None = None) -> Self:
        """The last one of each child on a day."""
        found = self.filter(day=day).order_by("pupil_id", "-at", "-id").distinct("pupil_id")
        return found if pupils is None else found.filter(pupil__in=pupils)


class MarkQuerySet(SchoolQuerySet):
    """Marks of the schools in scope."""

    def between(self, first: date, last: date) -> Self:
        """Marks of the sessions from `first` to `last`, both inclusive."""
        return self.filter(day__range=(first, last))

    def coded(self, numbers: Iterable[int]) -> Self:
        """Marks with one of these code numbers."""
        return self.filter(code__in=sorted(numbers))

    def unauthorised(self) -> Self:
        """Unauthorised absence, by the class of the mark's own code set."""
        return self.coded(codes.UNAUTHORISED)

    def without_reason(self) -> Self:
        """Marks still coded N."""
        return self.coded(codes.NO_REASON)
