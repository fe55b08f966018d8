"""From an address to a question: what every page of figures does first."""

from typing import Any

from attendance_mis import clock
from attendance_mis.permissions import Grant
from attendance_mis.requests import Request
from registers.models import CalendarEntry, Pupil
from reports.figures import Figures, Question
from reports.forms import FigureFilter, class_choices
from reports.groups import CONFIDENTIAL, label
from reports.ranges import a_year_before, ranges


def asked(request: Request, grant: Grant, form_class: type[FigureFilter] = FigureFilter) -> tuple[Figures, Any]:
    """The figures that the address asks for, of the pupils the grant reaches, and the form of its filters."""
    today = clock.today(request.school)
    known = ranges([entry.period for entry in CalendarEntry.objects.all()], today)
    form = form_class(request.GET or None, known=known, classes=class_choices(), hide=hidden_from(grant))
    reach = None
    if grant == Grant.OWN:
        reach = frozenset(Pupil.objects.within(grant, request.user, today).values_list("pk", flat=True))
    question = Question(
        school=request.school,
        today=today,
        range=form.asked,
        before=a_year_before(form.asked, known),
        key=form.key,
        reach=reach,
    )
    return Figures(question), form


def hidden_from(grant: Grant) -> frozenset[str]:
    """The families of groups that a class teacher's pages leave out: why a child is vulnerable."""
    return CONFIDENTIAL if grant == Grant.OWN else frozenset()


def frame(request: Request, figures: Figures, form: FigureFilter) -> dict[str, Any]:
    """What every page of figures says: of whom, of which days, and the address that asks the same of another page."""
    return {
        "figures": figures,
        "form": form,
        "of": label(figures.question.key, form.classes),
        "asked": figures.question.range,
        "before": figures.question.before,
        "query": request.GET.urlencode(),
    }
