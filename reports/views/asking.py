"""From an address to a question: what every page of figures does first."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.urls import reverse

from attendance_mis import clock
from attendance_mis.permissions import Grant
from attendance_mis.requests import Request
from registers.models import CalendarEntry, Pupil, SchoolDay
from reports.explained import Ask, Explains, Told
from reports.figures import Figures, Question
from reports.forecast import Forecast
from reports.forms import FigureFilter, class_choices
from reports.groups import CONFIDENTIAL, label
from reports.ranges import DEFAULT, Range, a_year_before, ranges

# What stands in the address of a page of figures and is asked of the explanation of each of its numbers.
ASKED = ("range", "first", "last", "year", "class_group", "group", "and_group")


def asked(request: Request, grant: Grant, form_class: type[FigureFilter] = FigureFilter) -> tuple[Figures, Any]:
    """The figures that the address asks for, of the pupils the grant reaches, and the form of its filters."""
    today = clock.today(request.school)
    known = ranges([entry.period for entry in CalendarEntry.objects.all()], today)
    form = form_class(request.GET or None, known=known, classes=class_choices(), hide=hidden_from(grant))
    reach = None
    if grant == Grant.OWN:
        reach = frozenset(Pupil.objects.within(grant, request.user, today).values_list("pk", flat=True))
    range_ = form.asked
    if form.asks_a_year_before:
        range_ = a_year_before(range_, known)
    question = Question(
        school=request.school,
        today=today,
        range=range_,
        before=a_year_before(range_, known),
        this_year=known[DEFAULT],
        key=form.key,
        reach=reach,
        part=form.part_of(range_),
    )
    return Figures(question), form


def explains(request: Request, name: str, filters: Iterable[str] = (), *args: object) -> Explains:
    """Where the numbers of this page are explained: the url of that name, with these filters of the page's own."""
    found = tuple((each, value) for each in filters if (value := request.GET.get(each)))
    address = reverse(name, args=[*(args or [request.school.urn]), "missed"])
    return Explains(address.removesuffix("missed/"), found)


def told_of(forecast: Forecast, pupil: Pupil) -> Told:
    """The sentence about a child's year, whatever days the page asks for."""
    asks = {"pupil": pupil.pk, "range": DEFAULT}
    return [(words, Ask(figure, f"{pupil}", asks) if figure else None) for words, figure in forecast.told]


def hidden_from(grant: Grant) -> frozenset[str]:
    """The families of groups that a class teacher's pages leave out: why a child is vulnerable."""
    return CONFIDENTIAL if grant == Grant.OWN else frozenset()


def _no_school_day(form: FigureFilter, asked: Range) -> dict[str, str]:
    """Why there is nothing to count in August or before the calendar is there, with the way to the year before; empty
    where a school day is. Asked by a page without figures only.
    """
    if SchoolDay.objects.filter(day__range=(asked.first, asked.last)).exists():
        return {}
    said = {"title": "There is no school day in these days.", "text": "School days come from the calendar."}
    if year := next((each for key, each in form.known.items() if key.endswith("-year")), None):
        said |= {"href": f"?range={year.key}", "action": f"Look at {year.label[0].lower()}{year.label[1:]}"}
    return said


def frame(request: Request, figures: Figures, form: FigureFilter) -> dict[str, Any]:
    """What every page of figures says: of whom, of which days, and the address that asks the same of another page."""
    request.explains = explains(request, "reports:explain", ASKED)
    return {
        "figures": figures,
        "form": form,
        "of": label(figures.question.key, form.classes),
        "asked": figures.question.range,
        "before": figures.question.before,
        "query": request.GET.urlencode(),
        "nothing": partial(_no_school_day, form, figures.question.range),
    }
