"""Fill in a form, correct one, note who signed it. A form is never changed: its correction stands beside it."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from casework import legal_checklist
from casework.form_definitions import FormDefinition, faults_of
from casework.form_record import head_of
from casework.models import FilledForm, FormSignature, Proposal, Task
from registers.models import Pupil

TEACHER = "class teacher"


def why_not_fill(form: FormDefinition, answers: Mapping[str, Any], *, is_complete: bool, today: date) -> list[str]:
    """Why a form cannot be kept like this, or cannot be called complete; empty means it can."""
    labels = {each.key: each.label for each in form.fields}
    reasons = [f"{labels[key]}: {fault}" for key, fault in faults_of(form, answers, today).items()]
    reasons += [f"{each.label}: fill this in." for each in form.fields if each.required and not answers.get(each.key)]
    if is_complete:
        reasons += legal_checklist.why_not_complete(legal_checklist.from_answers(answers))
    return reasons


@transaction.atomic
def fill_form(
    *,
    school: School,
    form: FormDefinition,
    pupil: Pupil | None,
    answers: dict[str, Any],
    key: UUID,
    by: Actor,
    is_complete: bool = False,
    corrects: FilledForm | None = None,
    why: str = "",
) -> FilledForm:
    """Keep a form as it was filled in, or its correction. The same `key` again changes nothing.

    Raises Refused with every reason against it, and when somebody else has corrected the form meanwhile.
    """
    if known := FilledForm.objects.filter(key=key).first():
        return known
    now = clock.now(school)
    reasons = why_not_fill(form, answers, is_complete=is_complete, today=now.date())
    if corrects and not why.strip():
        reasons.append("Say why it is corrected.")
    if reasons:
        raise Refused(reasons)
    try:
        with transaction.atomic():
            filled = FilledForm.objects.create(
                school=school,
                pupil=pupil,
                form=form.key,
                version=form.version,
                on=now.date(),
                facts=head_of(pupil, now.date()) if pupil else [],
                answers=answers,
                is_complete=is_complete,
                corrects=corrects,
                why=why.strip(),
                made_at=now,
                made_by_id=by.user_id,
                by_name=by.name,
                by_position=by.position,
                key=key,
            )
    except IntegrityError as error:
        raise Refused(["Somebody has corrected this form meanwhile. What you typed is still here."]) from error
    title = form.title[:1].lower() + form.title[1:]
    said = f"Corrected the {title} of {corrects.on:%-d %B %Y}: {why}" if corrects else f"Filled in: {title}"
    _record("correct_form" if corrects else "fill_form", filled, f"{said}{' Complete.' if is_complete else '.'}", by)
    return filled


@transaction.atomic
def record_conversation(
    *, pupil: Pupil, form: FormDefinition, answers: dict[str, Any], key: UUID, by: Actor
) -> FilledForm:
    """Keep the first conversation; its two reviews become the teacher's tasks, and what asked for it is done."""
    if known := FilledForm.objects.filter(key=key).first():
        return known
    filled = fill_form(school=pupil.school, form=form, pupil=pupil, answers=answers, key=key, by=by)
    now = clock.now(pupil.school)
    asked = Task.objects.to_do().filter(pupil=pupil, owner=TEACHER, proposal__kind=Proposal.Kind.TASK)
    asked.update(done_at=now, done_by=by.user_id, outcome="The conversation was held.")
    held, text = date.fromisoformat(answers["on"]), f"Agreed: {answers['support_class']}"
    Task.objects.bulk_create(
        Task(
            school_id=pupil.school_id,
            pupil=pupil,
            title=f"{which} review of the conversation of {held:%-d %B}",
            text=text,
            owner=TEACHER,
            due=date.fromisoformat(answers[f"{which.lower()}_review"]),
            made_at=now,
            made_by_id=by.user_id,
        )
        for which in ("First", "Second")
    )
    summary = f"First conversation on {held:%-d %B %Y} with {answers['present']}. {text}"
    _record("record_conversation", filled, summary, by)
    return filled


@transaction.atomic
def sign_form(*, filled: FilledForm, line: str, name: str, on: date, by: Actor) -> FormSignature:
    """Note that somebody signed the paper. Raises Refused for a day to come, or a line the form does not have."""
    reasons = []
    if line not in filled.definition.signs:
        reasons.append("The form has no such line.")
    if on > clock.today(filled.school):
        reasons.append("This day has not come yet.")
    if on < filled.on:
        reasons.append(f"The form was filled in on {filled.on:%-d %B %Y}: nobody can have signed it before.")
    if filled.corrections.exists():
        reasons.append("The form was corrected: what is signed is the correction.")
    if reasons:
        raise Refused(reasons)
    signature = FormSignature.objects.create(
        school_id=filled.school_id,
        filled=filled,
        line=line,
        name=name,
        on=on,
        made_at=clock.now(filled.school),
        made_by_id=by.user_id,
    )
    _record("sign_form", filled, f"{name} signed the {filled.definition.title.lower()} on {on:%-d %B %Y}.", by)
    return signature


def _record(verb: str, filled: FilledForm, summary: str, by: Actor) -> None:
    audit.record(verb, filled, school_id=filled.school_id, by=by, summary=summary, pupil_id=filled.pupil_id)
