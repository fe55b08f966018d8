"""A school of 26 classes at 09:26, two registers not in: 14 children absent, four on the way, twelve on a trip.

Of the fourteen four were reported ill; ten have no reason, the first of them a child under protection.
"""

from dataclasses import dataclass
from datetime import datetime

from attendance_mis.permissions import Role
from registers.codes import code_for
from registers.models import ClassGroup, ClassMembership, Mark, Pupil, Register, Registration, Teaching
from tests import factories
from tests.conftest import TODAY, Cast

CLASSES, OF_EACH = 24, 8  # besides the two of the cast
OPENED = datetime(2025, 3, 11, 9, 0, tzinfo=factories.LONDON)
HALF_PAST = datetime(2025, 3, 11, 9, 26, tzinfo=factories.LONDON)


@dataclass
class Morning:
    """Who is who this morning."""

    vulnerable: Pupil
    unexplained: list[Pupil]  # the vulnerable child first
    late: list[Pupil]
    trip: list[Pupil]
    missing: list[ClassGroup]  # their registers are not in


def a_morning(cast: Cast) -> Morning:
    """Everything that was so before the office sat down."""
    school = cast.school
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    groups = ClassGroup.objects.bulk_create(
        ClassGroup(school=school, name=f"{n // 4}{letters[n]}") for n in range(CLASSES)
    )
    pupils = Pupil.objects.bulk_create(
        factories.PupilFactory.build(
            school=school, upn=f"Z{n:012}", legal_surname=_name(n), year_group="3",
        )
        for n in range(CLASSES * OF_EACH)
    )  # fmt: skip
    Registration.objects.bulk_create(Registration(school=school, pupil=p, admission_date="2023-09-05") for p in pupils)
    ClassMembership.objects.bulk_create(
        ClassMembership(school=school, pupil=p, class_group=groups[n // OF_EACH], start="2023-09-05")
        for n, p in enumerate(pupils)
    )
    Teaching.objects.bulk_create(
        Teaching(school=school, user=cast.people[Role.TEACHER], class_group=group, start="2023-09-01")
        for group in groups[-2:]
    )
    sent = pupils[: -2 * OF_EACH]
    absent, ill, late = sent[::18][:10], sent[5::40][:4], sent[7::40][:4]
    trip = [each for each in sent if each not in absent + ill + late][:12]
    absent[0].child_protection = True
    absent[0].save()
    for n, pupil in enumerate(absent + late):
        factories.ContactFactory(
            pupil=pupil, forename=f"Nadia {n}", mobile=f"07700 900{n:03}", email=f"n{n}@home.example"
        )
    for pupil in trip:
        factories.PlannedAbsenceFactory(
            pupil=pupil, kind="activity", code=code_for("V", TODAY).number, note="Science Museum"
        )
    is_now = {each.pk: letter for letter, some in (("N", absent + late), ("I", ill), ("V", trip)) for each in some}
    Mark.objects.bulk_create(
        Mark(
            school=school, pupil=p, day=TODAY, session=1, entry_id=0,
            code=code_for(is_now.get(p.pk, "/"), TODAY).number,
            note="Mum told me: sick" if p == absent[-1] else None,
        )
        for p in sent
    )  # fmt: skip
    Register.objects.bulk_create(
        Register(
            school=school, class_group=group, day=TODAY, session=1, opened_at=OPENED, sent_at=OPENED,
            sent_by=cast.people[Role.TEACHER],
        )
        for group in [*groups[:-2], cast.own_class, cast.other_class]
    )  # fmt: skip
    present = code_for("/", TODAY).number
    Mark.objects.bulk_create(
        Mark(school=school, pupil=p, day=TODAY, session=1, entry_id=0, code=present)
        for p in [*cast.pupils, *cast.other_pupils]
    )
    return Morning(absent[0], absent, late, trip, groups[-2:])


def _name(n: int) -> str:
    first, second = divmod(n, len(_ENDS))
    return f"{_STARTS[first % len(_STARTS)]}{_ENDS[second]}"


_STARTS = ["Al", "Bar", "Cor", "Dal", "Ed", "Far", "Gor", "Hal", "Ing", "Jar", "Kel", "Lor", "Mar", "Nor", "Os"]
_ENDS = [
    *("ton", "ley", "wick", "by", "ford", "ham", "well", "dale"),
    *("worth", "more", "side", "gate", "field", "brook", "stone"),
]
