"""Write who is in which class from when to when."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from attendance_mis.models import School
from registers.actions.importing.report import Tally
from registers.calendar_rules import academic_year_of
from registers.models import ClassGroup, ClassMembership, Pupil
from registers.pack.people import Days, People, overlap
from registers.pack.tables import Row


def put(held: School, people: People, pupils: Mapping[str, Pupil], today: date, tally: Tally) -> set[int]:
    """Write the classes of classes.csv, and for a pupil who has none there the class of pupils.csv.

    Returns the ids of the pupils whose classes are new or changed.
    """
    writer = _Writer(held, tally)
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in people.classes or ():
        rows[row["upn"]].append(row)
    for upn, of_pupil in rows.items():
        year = pupils[upn].year_group if upn in pupils else Pupil.objects.get(upn=upn).year_group
        writer.put_by_date(upn, people.rolls[upn].pupil_id, of_pupil, year)
    for row in people.pupils:
        if row["upn"] not in rows and row["class_name"]:
            roll = people.rolls[row["upn"]]
            writer.put_since_admission(roll.pupil_id, row["class_name"], roll.spells[0][0], today)
    ClassMembership.objects.bulk_create(writer.new, batch_size=1000)
    tally.new = len(writer.new)
    return writer.touched


class _Writer:
    """Puts memberships beside those that stand."""

    def __init__(self, held: School, tally: Tally) -> None:
        self.held, self.tally = held, tally
        self.new: list[ClassMembership] = []
        self.touched: set[int] = set()
        self._groups = {group.name: group for group in ClassGroup.objects.all()}
        self._standing: dict[int, list[ClassMembership]] = defaultdict(list)
        for membership in ClassMembership.objects.select_related("class_group").order_by("start"):
            self._standing[membership.pupil_id].append(membership)

    def put_by_date(self, upn: str, pupil_id: int, rows: Sequence[Row], year: str) -> None:
        """A membership that overlaps a row of the pack is that row, as the other system knows it now."""
        left = self._standing[pupil_id]
        for row, held_year in zip(rows, _years_held(rows, year), strict=True):
            same = [m for m in left if overlap(_days(m), (row["start"], row["end"] or date.max))]
            left = [m for m in left if m not in same]
            for other in same[1:]:
                other.delete()
            values = {"start": row["start"], "end": row["end"], "year_group": held_year}
            self._keep(same[0] if same else None, pupil_id, row["class_name"], values)
        for membership in left:
            self.tally.leave(f"{upn} {membership.class_group} from {membership.start}")

    def put_since_admission(self, pupil_id: int, name: str, admitted: date, today: date) -> None:
        """Without classes.csv a pupil has one class, that of today, for every date.

        Where she has had several here, they stay, and a new one begins today.
        """
        standing = self._standing[pupil_id]
        if not standing:
            self._keep(None, pupil_id, name, {"start": admitted})
        elif len(standing) == 1 or standing[-1].start >= today:
            self._keep(standing[-1], pupil_id, name, {"end": None})
        elif standing[-1].class_group.name != name or standing[-1].end:
            if standing[-1].end is None or standing[-1].end >= today:
                ClassMembership.objects.filter(pk=standing[-1].pk).update(end=today - timedelta(1))
            self._keep(None, pupil_id, name, {"start": today})
        else:
            self.tally.same += len(standing)

    def _keep(self, membership: ClassMembership | None, pupil_id: int, name: str, values: dict[str, Any]) -> None:
        values["class_group_id"] = self._group(name).pk
        if membership is None:
            self.new.append(ClassMembership(school=self.held, pupil_id=pupil_id, **values))
        elif any(getattr(membership, field) != value for field, value in values.items()):
            ClassMembership.objects.filter(pk=membership.pk).update(**values)
            self.tally.changed += 1
        else:
            self.tally.same += 1
            return
        self.touched.add(pupil_id)

    def _group(self, name: str) -> ClassGroup:
        if name not in self._groups:
            self._groups[name] = ClassGroup.objects.create(school=self.held, name=name)
        return self._groups[name]


def _days(membership: ClassMembership) -> Days:
    return membership.start, membership.end or date.max


def _years_held(rows: Sequence[Row], year: str) -> list[str]:
    """The year group held in each class: one lower for each academic year before the newest class began.

    Empty for the classes of the newest academic year: there it is the pupil's own.
    """
    newest = max(academic_year_of(row["start"]) for row in rows)
    place = Pupil.YEAR_GROUPS.index(year)
    behind = [newest - academic_year_of(row["start"]) for row in rows]
    return [Pupil.YEAR_GROUPS[max(place - years, 0)] if years else "" for years in behind]
