"""Who is on a ladder, what was done last and what is next: the rows of the manager's home. Constant queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from attendance_mis.models import AuditRow, School
from casework.models import Case, Plan, Proposal, Standing, Task
from registers.models import Pupil
from registers.siblings import siblings_of
from registers.sums import FLAGS

BEGUN_LATELY = 7


@dataclass(slots=True)
class PupilRow:
    """One pupil on at least one ladder."""

    pupil: Pupil
    class_name: str
    standings: list[Standing]
    tasks: list[Task] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    case: Case | None = None
    review_on: date | None = None
    last: AuditRow | None = None
    siblings: frozenset[int] = frozenset()
    today: date = date.min

    @property
    def most_serious(self) -> Standing:
        """The step furthest up its ladder, and of two the older."""
        return min(self.standings, key=lambda standing: (-standing.index, standing.since))

    @property
    def since(self) -> date:
        return self.most_serious.since

    @property
    def days_missed(self) -> Decimal:
        return self.standings[0].days_missed

    @property
    def percent(self) -> Decimal | None:
        return self.standings[0].summary.percent

    @property
    def change_in_days(self) -> Decimal:
        return self.standings[0].change_in_days

    @property
    def change_in_percent(self) -> Decimal | None:
        return self.standings[0].change_in_percent

    @property
    def next_task(self) -> Task | None:
        return self.tasks[0] if self.tasks else None

    @property
    def due(self) -> date:
        """The soonest deadline: of a task, a decision, the review of a plan."""
        dates = [task.due for task in self.tasks] + [p.due for p in self.proposals if p.due]
        dates += [self.review_on] if self.review_on else []
        return min(dates, default=date.max)

    @property
    def is_overdue(self) -> bool:
        return self.due < self.today

    @property
    def is_improving(self) -> bool:
        """Some step does not hold now, and will end if that lasts."""
        return any(standing.without_since for standing in self.standings)

    @property
    def owners(self) -> set[str]:
        """Whose turn it is: of the tasks, or of the steps while nothing is decided."""
        return {task.owner for task in self.tasks} or {standing.owner for standing in self.standings if standing.owner}


def pupils_on_ladders(school: School, today: date) -> list[PupilRow]:
    """Every pupil on a ladder, overdue first, then the soonest deadline, then the most serious step. Eight queries."""
    steps: dict[int, list[Standing]] = defaultdict(list)
    for standing in Standing.objects.filter(school=school).standing().order_by("-index", "since", "ladder"):
        steps[standing.pupil_id].append(standing)
    pupils = Pupil.objects.filter(pk__in=steps).with_class(today)
    tasks = _by_pupil(Task.objects.filter(pupil__in=steps).to_do())
    proposals = _by_pupil(Proposal.objects.filter(pupil__in=steps).to_decide().select_related("standing"))
    last = {
        row.pupil_id: row
        for row in AuditRow.objects.filter(
            school=school, pupil_id__in=steps, by_id__isnull=False, subject_type__startswith="casework."
        )
        .order_by("pupil_id", "-at", "-id")
        .distinct("pupil_id")
    }
    families = siblings_of(school)
    cases = {case.pupil_id: case for case in Case.objects.filter(pupil__in=steps).exclude(state="closed")}
    plans = Plan.objects.filter(is_reviewed=False, case__pupil__in=steps)
    reviews = dict(plans.values_list("case__pupil", "review_on"))
    rows = [
        PupilRow(
            pupil=pupil,
            class_name=pupil.class_name or "",  # type: ignore[attr-defined]
            standings=steps[pupil.pk],
            tasks=tasks[pupil.pk],
            proposals=proposals[pupil.pk],
            case=cases.get(pupil.pk),
            review_on=reviews.get(pupil.pk),
            last=last.get(pupil.pk),
            siblings=frozenset(families.get(pupil.pk, ())),
            today=today,
        )
        for pupil in pupils
    ]
    return sorted(rows, key=lambda row: (not row.is_overdue, row.due, -row.most_serious.index, row.pupil.surname))


def _by_pupil(found: Iterable[Any]) -> dict[int, list[Any]]:
    of_pupil: dict[int, list[Any]] = defaultdict(list)
    for each in found:
        of_pupil[each.pupil_id].append(each)
    return of_pupil


def in_group(pupil: Pupil, group: str) -> bool:
    """Whether a pupil is of a group of the figures: one of the yes-or-no facts, SEN, or a social worker."""
    match group:
        case "sen":
            return pupil.sen_status in ("K", "E")
        case "social_worker":
            return bool(pupil.social_worker)
    return group in FLAGS and bool(getattr(pupil, group))


def narrowed(rows: Iterable[PupilRow], values: dict[str, Any]) -> list[PupilRow]:
    """The rows that fit the filters of the address; an empty filter lets all through."""
    return [row for row in rows if _fits(row, values)]


def _fits(row: PupilRow, values: dict[str, Any]) -> bool:
    ladder, step = values.get("ladder"), values.get("step")
    return (
        any((not ladder or s.ladder == ladder) and (not step or s.step == step) for s in row.standings)
        and (not values.get("year") or row.pupil.year_group == values["year"])
        and (not values.get("class_name") or row.class_name == values["class_name"])
        and (not values.get("group") or in_group(row.pupil, values["group"]))
        and (not values.get("owner") or values["owner"] in row.owners)
        and (not values.get("siblings") or bool(row.siblings))
        and (not values.get("show") or SHOWN[values["show"]](row))
    )


SHOWN = {
    "overdue": lambda row: row.is_overdue,
    "to_decide": lambda row: bool(row.proposals),
    "new": lambda row: any((row.today - standing.since).days < BEGUN_LATELY for standing in row.standings),
    "improving": lambda row: row.is_improving,
}


def counts(rows: list[PupilRow]) -> dict[str, int]:
    """How many rows each of `SHOWN` would leave, and all of them."""
    return {"all": len(rows)} | {name: sum(map(fits, rows)) for name, fits in SHOWN.items()}
