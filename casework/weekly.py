"""What a weekly meeting goes through, read from the record: the agenda, and one child as she is spoken of."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from attendance_mis.models import School
from casework import weekly_rules
from casework.models import Case, Plan, Standing, Task, WeeklyItem, WeeklyMeeting
from casework.weekly_rules import WEEK, OnStep, Point
from registers.models import Pupil


def last_meeting(school: School) -> WeeklyMeeting | None:
    return WeeklyMeeting.objects.filter(school=school).first()


def agenda_of(school: School, last: WeeklyMeeting | None, today: date) -> tuple[date, list[Point]]:
    """Since when, and who is to be spoken of today. Six queries for any number of children."""
    since = last.on if last else today - WEEK
    columns = ("pupil_id", "ladder", "step", "index", "since", "ended_on")
    steps = [
        OnStep(*row)
        for row in Standing.objects.filter(school=school).standing_between(since, today).values_list(*columns)
    ]
    left_over = list(last.items.filter(spoken_at=None).values_list("pupil_id", flat=True)) if last else []
    agreed = Counter(last.tasks.values_list("pupil_id", flat=True)) if last else {}
    running = Plan.objects.filter(is_reviewed=False, review_on__lte=today + WEEK)
    reviews = dict(running.values_list("case__pupil", "review_on"))
    on_roll = set(Pupil.objects.on_roll(today).values_list("pk", flat=True))
    points = weekly_rules.agenda(weekly_rules.moves(steps, since), left_over, agreed, reviews, today)
    return since, [point for point in points if point.pupil_id in on_roll]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One child as the meeting sees her."""

    item: WeeklyItem
    standings: list[Standing]
    case: Case | None
    plan: Plan | None
    agreed: list[Task]
    other: list[Task]
    today: date

    @property
    def figures(self) -> Standing | None:
        """The counts of the last evaluation; a child on no ladder now has none here."""
        return self.standings[0] if self.standings else None


def spoken_of(item: WeeklyItem, today: date) -> Spoken:
    """What the meeting needs to know of one child: six queries."""
    pupil = item.pupil_id
    last = WeeklyMeeting.objects.filter(on__lt=item.weekly.on).first()
    tasks = Task.objects.filter(pupil=pupil).select_related("done_by")
    agreed = list(tasks.filter(weekly=last)) if last else []
    other = [task for task in tasks.to_do() if task not in agreed and task.weekly_id != item.weekly_id]
    case = Case.objects.filter(pupil=pupil).exclude(state="closed").select_related("lead").first()
    plan = Plan.objects.filter(case=case, is_reviewed=False).prefetch_related("targets").first() if case else None
    standings = list(Standing.objects.filter(pupil=pupil).standing())
    return Spoken(item, standings, case, plan, agreed, other, today)


def neighbours(item: WeeklyItem) -> tuple[WeeklyItem | None, WeeklyItem | None]:
    """The child before and the child after on the agenda."""
    items = WeeklyItem.objects.filter(weekly=item.weekly_id)
    before = items.filter(place__lt=item.place).order_by("-place").first()
    return before, items.filter(place__gt=item.place).order_by("place").first()
