"""The class teacher's part: whom of her class to talk with, what she should know and nothing more."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from casework.actions import deciding
from casework.forms.own_class import ConcernForm, ConversationForm
from casework.models import Standing, Task
from registers.models import Pupil
from registers.views.pupils import reachable_pupil

TEACHER = "class teacher"
GOOD_NEWS = timedelta(days=14)


@requires(Permission.RAISE_CONCERN)
def see_own_class(request: Request) -> HttpResponse:
    """Pupils within reach at a step the class teacher owns, their conversations, and who has just improved."""
    today = clock.today(request.school)
    reach = Pupil.objects.within(request.grant, request.user, today).on_roll(today)
    steps = Standing.objects.standing().filter(pupil__in=reach, owner=TEACHER).select_related("pupil")
    tasks = Task.objects.to_do().filter(pupil__in=reach, owner=TEACHER).select_related("pupil")
    good = Standing.objects.improved_since(today - GOOD_NEWS).filter(pupil__in=reach).select_related("pupil")
    return render(
        request,
        "casework/see_own_class.html",
        {
            "steps": steps.order_by("pupil__legal_surname"),
            "tasks": tasks,
            "good_news": good,
            "pupils": reach.with_class(today),
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
    """The first conversation with the family: reasons, barriers, what it costs, support in class, two review dates."""
    pupil = reachable_pupil(request, pupil_id)
    today = clock.today(request.school)
    back = reverse("casework:see_own_class", args=[request.school.urn])
    form = ConversationForm(request.POST or None, today=today)
    if request.method == "POST" and form.is_valid():
        deciding.record_conversation(pupil=pupil, by=request.actor, **form.cleaned_data)
        messages.success(request, "The conversation is recorded, with its two review dates.")
        return redirect(back)
    return form_page(
        request, form, title="First conversation", button="Record the conversation", back=back, caption=str(pupil),
        intro=["Ask, listen, and agree. Say what is going well first."],
    )  # fmt: skip
