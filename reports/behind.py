"""What a number is made of: its sum, the children or sessions behind it, and who is left out.

Every number here is one that a page shows, made again of the same figures; `said` holds it as pages print it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from casework.models import Standing
from registers import codes
from registers.attendance import Group, Summary, in_days, percent_of
from registers.calendar_rules import Session
from registers.codes import Code
from registers.sums import PupilSum
from reports.benchmarks import Benchmark
from reports.definitions import DEFINITIONS
from reports.figures import BAND_NAMES, Figures, days_per_pupil, in_band, one_place, points
from reports.forecast import ENOUGH, Forecast, Outlook
from reports.groups import Key, compared_with, label
from reports.patterns import COUNTED, HOW, Pattern, Slot
from reports.querysets.days import counts_of_pattern, sessions_of, slots_of
from reports.ranges import Range

OF_ONE = frozenset({"to-spare", "best", "begins"})
Facts = list[tuple[str, Any]]
Behind = list[tuple[PupilSum, str]]


@dataclass(frozen=True, slots=True)
class Cell:
    """What names a number beside its figure and the question: a group in a table of a wider one (`of_page`), a band, a
    step of a ladder, a pattern, or one child's part (`hers`) of a pattern of many. `is_one`: the question is about one
    child.
    """

    figure: str
    of_page: Key = ()
    band: int | None = None
    ladder: str = ""
    step: str = ""
    is_one: bool = False
    pattern: Pattern | None = None
    hers: int | None = None

    @property
    def about(self) -> str:
        """What the head of the page adds to the groups and days."""
        if self.figure == "band" and self.band is not None:
            return BAND_NAMES[self.band]
        return f"{self.step} ({self.ladder})" if self.figure == "step" else ""


@dataclass(frozen=True, slots=True)
class Sum:
    """The numbers that a figure is made of, by name, what comes of them in words, and how they are counted."""

    facts: Facts
    said: str = ""
    how: str = ""


def days_of(figures: Figures, cell: Cell) -> Range:
    """The days that the number counts: of the question, or of the year so far, whatever is asked, for a forecast."""
    asked = figures.question
    if cell.figure in (*OF_ONE, "at-risk", "step"):
        return asked.year_so_far
    return asked.range


def in_plain_days(sessions: int) -> str:
    """Sessions as a table says them in days: "4.5", "0"."""
    return f"{Decimal(sessions) / 2:g}"


def sum_of(figures: Figures, cell: Cell) -> Sum:
    definition = DEFINITIONS[cell.figure]
    made: Callable[[Figures, Cell], tuple[Any, Any, str]] = _SUMS.get(cell.figure, _share_of_sessions)
    part, whole, said = made(figures, cell)
    names = definition.part, definition.whole
    if cell.figure == "gap":
        names = _compared(figures, cell)
    if cell.pattern:
        names = COUNTED[cell.pattern.kind]
    if cell.hers is not None:
        names = f"{names[0]} by this child", f"{names[0]} by all"
    return Sum([(names[0], part), (names[1], whole)], said, HOW[cell.pattern.kind] if cell.pattern else "")


def _percent(percent: Any) -> str:
    return "" if percent is None else f"{percent} %"


def _missed(figures: Figures, cell: Cell) -> tuple[Any, Any, str]:
    group, absence = figures.total, figures.total.total.absence
    if cell.is_one:
        return absence, group.pupils, f"{in_plain_days(absence)} days"
    each = days_per_pupil(group)
    together = f"{in_days(absence) if absence else 'no days'} missed in all"
    return absence, group.pupils, together if each is None else f"{each} days a pupil, {together}"


def _attendance(figures: Figures, _: Cell) -> tuple[Any, Any, str]:
    total = figures.total.total
    return total.attended, total.possible, _percent(total.percent)


def _share_of_sessions(figures: Figures, cell: Cell) -> tuple[Any, Any, str]:
    """Absence, unauthorised absence and late sessions, of possible ones."""
    total = figures.total.total
    part: int = getattr(total, cell.figure)
    days = "" if cell.figure == "late" else f"; {in_plain_days(part)} days"
    if cell.figure == "absence" and cell.is_one and part:
        days += f", {total.share}"
    return part, total.possible, f"{_percent(percent_of(part, total.possible)) or '0 %'}{days}"


def _cohort(figures: Figures, cell: Cell) -> tuple[Any, Any, str]:
    group = figures.total
    return getattr(group, cell.figure), group.counted, _percent(getattr(group, f"{cell.figure}_percent"))


def _at_risk(figures: Figures, _: Cell) -> tuple[Any, Any, str]:
    counted = [pupil for pupil in figures.this_year.values() if pupil.summary.possible]
    return len(figures.with_outlook(Outlook.AT_RISK)), len(counted), ""


def _unexplained(figures: Figures, _: Cell) -> tuple[Any, Any, str]:
    return len(figures.unexplained), figures.total.total.possible, ""


def _unmarked(figures: Figures, _: Cell) -> tuple[Any, Any, str]:
    total = figures.total.total
    return total.unmarked, total.possible + total.unmarked, ""


def _pupils(figures: Figures, _: Cell) -> tuple[Any, Any, str]:
    return sum(bool(pupil.summary.possible) for pupil in figures.pupils), figures.total.pupils, ""


def _band(figures: Figures, cell: Cell) -> tuple[Any, Any, str]:
    found, counted = _in_band(figures, cell), _pupils(figures, cell)[0]
    return len(found), counted, _percent(percent_of(len(found), counted))


def _in_band(figures: Figures, cell: Cell) -> list[PupilSum]:
    return [pupil for pupil in figures.pupils if cell.band is not None and in_band(pupil.summary, cell.band)]


def _step(figures: Figures, cell: Cell) -> tuple[Any, Any, str]:
    return len(_on_step(figures, cell)), len(figures.this_year), ""


def _on_step(figures: Figures, cell: Cell) -> Behind:
    rows = Standing.objects.standing().filter(ladder=cell.ladder, step=cell.step).order_by("since", "pk")
    return [
        (figures.this_year[pupil_id], f"since {since:%-d %B %Y}: {reason}")
        for pupil_id, since, reason in rows.values_list("pupil", "since", "reason")
        if pupil_id in figures.this_year
    ]


def _pattern(_: Figures, cell: Cell) -> tuple[Any, Any, str]:
    if cell.pattern is None:
        return 0, 0, ""
    found, sentence = cell.pattern, cell.pattern.sentence
    return (found.inside, found.among, sentence) if cell.hers is None else (cell.hers, found.inside, sentence)


def _others(figures: Figures, cell: Cell) -> Key:
    """Those whom the group of the cell is compared with, if there are any."""
    group = figures.question.key[-1]
    wanted = (*cell.of_page, *compared_with(group))
    return wanted if figures.of(wanted).pupils else cell.of_page


def _compared(figures: Figures, cell: Cell) -> tuple[str, str]:
    other = _others(figures, cell)
    return f"attendance of {label(figures.question.key[-1:])}", f"attendance of {label(other)}"


def _gap(figures: Figures, cell: Cell) -> tuple[Any, Any, str]:
    mine, theirs = figures.total.total.percent, figures.of(_others(figures, cell)).total.percent
    gap = points(mine, theirs)
    return _percent(mine), _percent(theirs), "" if gap is None else f"{gap:+} points" if gap else "0.0 points"


def _forecast(figures: Figures) -> Forecast | None:
    return next(iter(figures.forecasts.values()), None)


def _to_spare(figures: Figures, _: Cell) -> tuple[Any, Any, str]:
    if (found := _forecast(figures)) is None:
        return 0, 0, ""
    possible = found.so_far.possible + found.left
    said = f"{in_plain_days(found.missable)} days"
    if found.would_be:
        said += f"; {found.would_be} would be persistent absence"
    return in_plain_days(found.so_far.absence), in_plain_days(possible), said


def _best(figures: Figures, _: Cell) -> tuple[Any, Any, str]:
    if (found := _forecast(figures)) is None:
        return 0, 0, ""
    return found.so_far.attended + found.left, found.so_far.possible + found.left, _percent(found.best)


def _begins(figures: Figures, _: Cell) -> tuple[Any, Any, str]:
    found = _forecast(figures)
    if found is None:
        return 0, 0, ""
    said = f"{found.begins:%-d %b %Y}" if found.begins else "not this year, or begun already"
    return found.recent.absence, found.recent.possible, said


_SUMS: dict[str, Callable[[Figures, Cell], tuple[Any, Any, str]]] = {
    "missed": _missed,
    "attendance": _attendance,
    "persistent": _cohort,
    "severe": _cohort,
    "at-risk": _at_risk,
    "unexplained": _unexplained,
    "unmarked": _unmarked,
    "pupils": _pupils,
    "band": _band,
    "step": _step,
    "gap": _gap,
    "to-spare": _to_spare,
    "best": _best,
    "begins": _begins,
    "pattern": _pattern,
}
FIGURES = frozenset({*_SUMS, "absence", "authorised", "unauthorised", "late"})


# What it is compared with

_COMPARED: dict[str, tuple[Callable[[Group], Any], Callable[[Benchmark], Any]]] = {
    "attendance": (lambda group: group.total.percent, lambda rate: rate.attendance),
    "persistent": (lambda group: group.persistent_percent, lambda rate: rate.persistent),
    "severe": (lambda group: group.severe_percent, lambda rate: rate.severe),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """A year before, with the change in points since, and what is published, as tiles and sentences say them."""

    before: Any
    change: Any
    published: Facts


def compared(figures: Figures, cell: Cell) -> Compared | None:
    """None for a figure that no tile compares, or for a part of the days."""
    if cell.figure not in _COMPARED or cell.is_one or figures.question.part:
        return None
    of, published = _COMPARED[cell.figure]
    before = of(figures.total_before) if figures.total_before else None
    mine = of(figures.total)
    change = points(mine, before)
    rates = [(rate.sentence, published(rate)) for rate in figures.rates.values()]
    return Compared(
        _percent(before),
        "" if change is None else f"{change:+}",
        [(name, _beside(mine, percent)) for name, percent in rates if percent is not None],
    )


def _beside(mine: Any, published: Decimal) -> str:
    """What is published, as it is, and the difference of it with one decimal."""
    gap = points(mine, one_place(published))
    return f"{published} %" if gap is None else f"{published} %, a difference of {gap:+} points"


# Who is behind it


def behind_figure(figures: Figures, cell: Cell) -> Behind:
    """The pupils behind a figure, who counts most for it first, each with what she adds."""
    if cell.pattern:
        return _in_pattern(figures, cell.pattern)
    match cell.figure:
        case "step":
            return _on_step(figures, cell)
        case "band":
            return _listed(_in_band(figures, cell), lambda s: s.absence, _phrase)
        case "pupils":
            return _listed(figures.pupils, lambda s: s.absence, _phrase)
        case "at-risk":
            at_risk = [
                (figures.this_year[each], figures.forecasts[each].sentence)
                for each in figures.with_outlook(Outlook.AT_RISK)
            ]
            return sorted(at_risk, key=lambda each: -each[0].summary.absence)
        case "unexplained":
            marks = _counted(figures.unexplained)
            found = [
                (pupil, f"{in_days(marks[pupil.pupil_id])} without a reason")
                for pupil in figures.pupils
                if pupil.pupil_id in marks
            ]
            return sorted(found, key=lambda each: (-marks[each[0].pupil_id], each[0].upn))
    measure, said = _MEASURES.get(cell.figure, (lambda s: s.absence, _phrase))
    pupils = [pupil for pupil in figures.pupils if measure(pupil.summary)]
    if cell.figure in ("persistent", "severe"):
        pupils = [pupil for pupil in pupils if pupil.in_cohort and getattr(pupil.summary, cell.figure)]
    return _listed(pupils, measure, said)


def _in_pattern(figures: Figures, pattern: Pattern) -> Behind:
    """Each with what she adds to it: nobody else has a part in it, as it is counted of the pupils of the question."""
    counts = counts_of_pattern(pattern)
    found = [(pupil, counts[pupil.pupil_id]) for pupil in figures.pupils if pupil.pupil_id in counts]
    return [
        (pupil, _IN_PATTERN[pattern.counts].format(n, "" if n == 1 else "s"))
        for pupil, n in sorted(found, key=lambda each: (-each[1], each[0].upn))
    ]


_IN_PATTERN = {"away": "{} day{} missed in it", "halves": "{} half day{} missed in it", "late": "late {} time{}"}


def _counted(ids: list[int]) -> dict[int, int]:
    marks: dict[int, int] = {}
    for pupil_id in ids:
        marks[pupil_id] = marks.get(pupil_id, 0) + 1
    return marks


def _listed(pupils: list[PupilSum], measure: Callable[[Summary], int], said: Callable[[Summary], str]) -> Behind:
    found = sorted(pupils, key=lambda pupil: (-measure(pupil.summary), pupil.upn))
    return [(pupil, said(pupil.summary)) for pupil in found]


def _phrase(summary: Summary) -> str:
    return f"{summary.phrase}: {summary.percent} % attended" if summary.possible else summary.phrase


_MEASURES: dict[str, tuple[Callable[[Summary], int], Callable[[Summary], str]]] = {
    "authorised": (lambda s: s.authorised, lambda s: f"{in_days(s.authorised)} authorised"),
    "unauthorised": (lambda s: s.unauthorised, lambda s: f"{in_days(s.unauthorised)} unauthorised"),
    "late": (lambda s: s.late, lambda s: f"late {s.late} time{'s' if s.late != 1 else ''}"),
    "unmarked": (lambda s: s.unmarked, lambda s: f"{s.unmarked} session{'s' if s.unmarked != 1 else ''} unmarked"),
}
_CODES = {
    "authorised": codes.AUTHORISED,
    "unauthorised": codes.UNAUTHORISED,
    "late": codes.LATE,
    "unexplained": codes.NO_REASON,
}


def sessions_behind(figures: Figures, cell: Cell, pupil_id: int) -> list[tuple[date, Session, Code, int | None]]:
    """One child's sessions that the figure counts, the newest first: those missed, where it is a share of them."""
    asked = figures.question
    days = asked.part or days_of(figures, cell)
    if cell.pattern:
        hers = {(slot.day, slot.session) for slot in of_pattern(figures, cell.pattern, pupil_id)}
        return [each for each in sessions_of(days.first, days.last, pupil_id) if each[:2] in hers]
    wanted = _CODES.get(cell.figure, codes.ABSENT)
    return [
        each for each in sessions_of(days.first, days.last, pupil_id)
        if each[2].number in wanted and (asked.part is None or asked.part.holds(each[0], each[1]))
    ]  # fmt: skip


def of_pattern(figures: Figures, pattern: Pattern, pupil_id: int) -> list[Slot]:
    """One child's sessions that stand in a pattern, be it her own or of many."""
    days = figures.question.range
    return [slot for slot in slots_of(days.first, days.last, [pupil_id]).get(pupil_id, []) if pattern.holds(slot)]


# Who is left out


def left_out(figures: Figures, cell: Cell) -> list[tuple[str, int]]:
    """Who of the pupils asked about is not counted, and why, with how many there are."""
    pupils = figures.pupils
    if DEFINITIONS[cell.figure].cohort:
        outside = [pupil for pupil in pupils if not pupil.in_cohort]
        return [
            ("Under 5 or over 15 on 31 August, or a boarder", len(outside)),
            (
                "Without a possible session in these days",
                sum(1 for p in pupils if p.in_cohort and not p.summary.possible),
            ),
        ]
    if cell.figure == "at-risk":
        early = [p for p in figures.this_year.values() if p.summary.possible < ENOUGH]
        return [(f"With fewer than {ENOUGH} possible sessions this year", len(early))]
    if cell.figure in (*OF_ONE, "step", "pattern"):
        return []
    without = ("Pupils without a possible session in these days", sum(1 for p in pupils if not p.summary.possible))
    if figures.question.part:
        return [without]
    return [("Sessions that hold no mark yet", figures.total.total.unmarked), without]
