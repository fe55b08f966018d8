"""The class teacher's part: whom of her class to talk with, what she should know and nothing more."""

from datetime import date, timedelta
from uuid import uuid4

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django_tables2 import RequestConfig

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.file_links import signed_file
from attendance_mis.pages import form_page
from attendance_mis.permissions import Grant, Permission, requires
from attendance_mis.promises import promised
from attendance_mis.requests import Request, per_page
from casework.actions import deciding, filling
from casework.filters import TalkFilter
from casework.form_definitions import current
from casework.form_record import begins_with
from casework.form_sheets import sheet_of
from casework.forms.filling import FillForm
from casework.forms.own_class import ClassForm, ConcernForm
from casework.models import FilledForm, Standing, Task
from casework.tables import ToTalkWith
from casework.views.filled_forms import fill_page, pdf_answer
from registers.models import ClassGroup, Pupil
from registers.views.pupils import reachable_pupil

TEACHER = "class teacher"
EARLY_HELP = "early_help"
GOOD_NEWS = timedelta(days=14)
LATEST = 20
PER_PAGE = 25
LISTED = ("of_class", "year", "sort", "page")
"""What of the address is about the pupils to talk with."""


@requires(Permission.RAISE_CONCERN)
def see_own_class(request: Request) -> HttpResponse:
    """Pupils within reach at a step the class teacher owns, their conversations, and who has just improved.

    Who reaches the whole school filters them (`?of_class=`, `?year=`) and chooses the class (`?class=`) of the child
    that worries her.
    """
    today = clock.today(request.school)
    reach = Pupil.objects.within(request.grant, request.user, today).on_roll(today)
    steps = Standing.objects.standing().filter(pupil__in=reach, owner=TEACHER).select_related("pupil")
    tasks = Task.objects.to_do().filter(pupil__in=reach, owner=TEACHER).select_related("pupil")
    good = Standing.objects.improved_since(today - GOOD_NEWS).to_praise().filter(pupil__in=reach)
    held = FilledForm.objects.filter(pupil__in=reach, form=EARLY_HELP).standing().select_related("pupil", "school")
    pupils, chooser, talk = reach, None, None
    if request.grant == Grant.ALL:
        talk = TalkFilter(request.GET or None, queryset=steps, request=request, today=today)
        chooser = ClassForm(request.GET or None, classes=ClassGroup.objects.all())
        chosen = chooser.cleaned_data["class"] if chooser.is_valid() else ""
        pupils = Pupil.objects.in_class(int(chosen), today) if chosen else Pupil.objects.none()
    is_filtered = talk is not None and steps.exists()
    table = ToTalkWith(talk.qs if talk else steps, urn=request.school.urn)
    RequestConfig(request, paginate={"per_page": per_page(request, PER_PAGE)}).configure(table)
    if is_filtered:
        table.empty_text = "No pupil fits these filters."
    return render(
        request,
        "casework/see_own_class.html",
        {
            "table": table,
            "filter": talk if is_filtered else None,
            "kept": [(name, value) for name in LISTED if (value := request.GET.get(name))],
            "tasks": tasks,
            "good_news": good.select_related("pupil"),
            "held": held[:LATEST],
            "pupils": pupils.with_class(today),
            "chooser": chooser,
            "today": today,
        },
    )


@requires(Permission.RAISE_CONCERN)
def raise_concern(request: Request, pupil_id: int) -> HttpResponse:
    """Tell the attendance lead what worries; she finds it among what is to be done."""
    pupil = reachable_pupil(request, pupil_id)
    back = reverse("casework:see_own_class", args=[request.school.urn])
    form = ConcernForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deciding.raise_concern(pupil=pupil, concern=form.cleaned_data["concern"], today=clock.today(request.school),
                               by=request.actor)  # fmt: skip
        messages.success(request, "The attendance lead has it.")
        return redirect(back)
    return form_page(
        request, form, title="What worries you?", button="Tell the attendance lead", back=back, caption=str(pupil)
    )


@requires(Permission.RAISE_CONCERN)
def record_conversation(request: Request, pupil_id: int) -> HttpResponse:
    """The first conversation with the family, on the form for it: its two reviews become the teacher's tasks."""
    pupil = reachable_pupil(request, pupil_id)
    today = clock.today(request.school)
    definition = current(EARLY_HELP)
    form = FillForm(
        request.POST or None,
        definition=definition,
        today=today,
        answers=begins_with(definition, pupil, today) | _two_reviews(today),
        initial={"key": uuid4()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            filled = filling.record_conversation(
                pupil=pupil, form=definition, answers=form.answers(), key=form.cleaned_data["key"], by=request.actor
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "The conversation is recorded, with its two review dates.")
            return redirect("casework:see_conversation", request.school.urn, filled.pk)
    return fill_page(
        form, request, title="First conversation", button="Record the conversation", caption=str(pupil),
        back=reverse("casework:see_own_class", args=[request.school.urn]),
        intro=["Ask, listen, and agree. Say what is going well first.", definition.purpose],
    )  # fmt: skip


def _two_reviews(today: date) -> dict[str, str]:
    """In three and in six weeks, unless somebody says otherwise."""
    return {f"{which}_review": f"{today + timedelta(weeks=n)}" for which, n in (("first", 3), ("second", 6))}


def _conversation(request: Request, filled_form_id: int) -> FilledForm:
    """A first conversation with a family within reach; 404 for any other form."""
    found = FilledForm.objects.filter(form=EARLY_HELP, pupil__isnull=False).select_related(
        "school", "pupil__school", "corrects"
    )
    filled = get_object_or_404(found.prefetch_related("signatures"), pk=filled_form_id)
    reachable_pupil(request, promised(filled.pupil_id))
    return filled


@requires(Permission.RAISE_CONCERN)
def see_conversation(request: Request, filled_form_id: int) -> HttpResponse:
    filled = _conversation(request, filled_form_id)
    sheet, later = sheet_of(filled), filled.corrections.first()
    context = {"filled": filled, "sheet": sheet, "later": later, "own_class": True}
    return render(request, "casework/see_form.html", context)


@requires(Permission.RAISE_CONCERN)
@signed_file
def conversation_pdf(request: Request, filled_form_id: int) -> HttpResponse:
    """The copy that the parents get."""
    return pdf_answer(sheet_of(_conversation(request, filled_form_id)), f"early-help-{filled_form_id}")


@requires(Permission.RAISE_CONCERN)
def praise(request: Request, standing_id: int) -> HttpResponse:
    """Somebody told the child the good news: one click on the list, or a page that asks once more."""
    standing = get_object_or_404(Standing.objects.select_related("pupil"), pk=standing_id)
    reachable_pupil(request, standing.pupil_id)
    back = reverse("casework:see_own_class", args=[request.school.urn])
    if request.method != "POST":
        return form_page(
            request, Form(), title="Have you told the child?", button="I have told the child", back=back,
            caption=str(standing.pupil), intro=[f"{standing.step} ({standing.ladder})."],
        )  # fmt: skip
    try:
        deciding.praise(standing=standing, by=request.actor)
    except Refused as refused:
        messages.info(request, " ".join(refused.reasons))
    else:
        messages.success(request, "Noted. It will have done good.")
    return redirect(back)
