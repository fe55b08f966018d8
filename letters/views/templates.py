"""The school's words: the list, the editor with its preview, who may send what, the letterhead."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request, row_id
from letters import markup, wording
from letters.actions import templates as actions
from letters.drawing import Page
from letters.facts import facts_of
from letters.fields import printed, samples_of
from letters.forms.templates import LanguageForm, LetterheadForm, SendingForm, TemplateForm
from letters.languages import ENGLISH, NAMES, direction
from letters.models import Letterhead, LetterTemplate, TemplateVersion
from letters.occasions import Occasion
from letters.preparing import NOBODY
from letters.recipients import families
from letters.starters import SHORT
from letters.views.tabs import tabs
from registers.models import Pupil


@requires(Permission.APPROVE_LETTERS)
def see_templates(request: Request) -> HttpResponse:
    """Every occasion; a school that never wrote one starts from the starter text."""
    held = {template.occasion: template for template in LetterTemplate.objects.all()}
    for occasion in Occasion:
        if occasion.value not in held:
            held[occasion.value] = actions.template_for(request.school, occasion)
    versions = actions.newest_versions({template.pk for template in held.values()})
    rows = [(held[occasion.value], versions[held[occasion.value].pk]) for occasion in Occasion]
    may = bool(can(request.user, Permission.CHANGE_POLICY, request.school))
    return render(
        request, "letters/see_templates.html", {"tabs": tabs(request, "see_templates"), "rows": rows, "may": may}
    )  # fmt: skip


@requires(Permission.APPROVE_LETTERS)
def edit_template(request: Request, template_id: int) -> HttpResponse:
    template = get_object_or_404(LetterTemplate, pk=template_id)
    may = bool(can(request.user, Permission.CHANGE_POLICY, request.school))
    language = request.GET.get("language", "")
    language = language if language in NAMES else ""
    newest = actions.newest_version(template)
    english = {"subject": newest.subject, "body": newest.body, "short": newest.short or SHORT}
    held = newest.translations.get(language, {}) if language else english
    form = TemplateForm(request.POST or None, initial={**held, "seen": newest.number}, language=language)
    if request.method == "POST":
        if not may:
            raise PermissionDenied("The attendance lead or the head changes the words of letters.")
        if form.is_valid():
            try:
                version = actions.write_version(
                    template=template, language=language, by=request.actor, **form.cleaned_data
                )
            except actions.BrokenTemplate as broken:
                for name, fault in broken.faults:
                    form.add_error(name, fault)
            except Refused as refused:
                form.add_error(None, refused.reasons)
            else:
                messages.success(request, f"Kept as {version}.")
                return redirect(request.get_full_path())
    short = "" if language else form["short"].value() or ""
    preview = _preview(request, template, form["subject"].value() or "", form["body"].value() or "", short, language)
    return render(
        request,
        "letters/edit_template.html",
        {
            "template": template,
            "version": newest,
            "form": form,
            "may": may,
            "language": language,
            "languages": LanguageForm(initial={"language": language}),
            "language_name": NAMES.get(language, "English"),
            "translated": [NAMES.get(tag, tag) for tag in newest.translations],
            "fields": _fields(Occasion(template.occasion), translated=bool(language)),
            "preview": preview,
        },
        status=422 if form.errors else 200,
    )


def _fields(occasion: Occasion, *, translated: bool) -> list[dict[str, Any]]:
    """The fields a person may merge, each with its sample."""
    return [
        {
            "name": field.name,
            "label": field.label,
            "given": field.is_given,
            "sample": field.kind.value
            if isinstance(field.sample, list)
            else printed(field, samples_of(occasion)[name]),
        }
        for name, field in wording.fields_for(occasion, translated=translated).items()
    ]


@requires(Permission.APPROVE_LETTERS)
@require_POST
def preview_template(request: Request, template_id: int) -> HttpResponse:
    """The letter as it would read, against a pupil or a sample. Writes nothing."""
    template = get_object_or_404(LetterTemplate, pk=template_id)
    language = request.POST.get("language", "")
    preview = _preview(
        request, template, request.POST.get("subject", "")[:500], request.POST.get("body", "")[:50_000],
        request.POST.get("short", "")[:1000], language if language in NAMES else "",
    )  # fmt: skip
    return render(request, "letters/_preview.html", {"preview": preview})


PARTS = {"subject": "Subject", "body": "Text", "short": "Short words"}  # as the form calls them


def _preview(
    request: Request, template: LetterTemplate, subject: str, body: str, short: str, language: str
) -> dict[str, Any]:
    occasion = Occasion(template.occasion)
    values, whose = samples_of(occasion), "a sample"
    asked = row_id(request.POST.get("pupil") or request.GET.get("pupil") or "")
    if asked and (pupil := Pupil.objects.filter(pk=asked).first()):
        today = clock.today(request.school)
        values |= facts_of(request.school, [pupil.pk], today)[pupil.pk].values
        receivers = families([pupil.pk], today)[pupil.pk].recipients
        values["salutation"] = receivers[0].salutation if receivers else NOBODY
        whose = pupil.name
    choices = Pupil.objects.on_roll(clock.today(request.school)).only(
        "pk", "legal_surname", "legal_forename", "preferred_surname", "preferred_forename"
    )
    found = wording.faults(occasion, subject, body, short, translated=bool(language))
    page, brief = None, ""
    if not found:
        tag = language or ENGLISH
        texts = [
            markup.parse(text, wording.fields_for(occasion, translated=bool(language))) for text in (subject, body)
        ]
        page = Page(
            tag,
            direction(tag),
            markup.as_plain(texts[0], values, is_english=not language).strip(),
            markup.as_html(texts[1], values, is_english=not language),
        )
        if short.strip():
            brief = markup.as_plain(markup.parse(short, wording.fields_for(occasion, translated=False)), values).strip()
    return {
        "page": page,
        "short": brief,
        "faults": [f"{PARTS[name]}: {fault}" for name, fault in found],
        "whose": whose,
        "pupils": choices,
        "pupil": asked,
        "school": request.school,
        "head": Letterhead.objects.filter(school=request.school).defer("logo", "signature").first(),
    }


@requires(Permission.APPROVE_LETTERS)
def see_versions(request: Request, template_id: int) -> HttpResponse:
    template = get_object_or_404(LetterTemplate, pk=template_id)
    versions = TemplateVersion.objects.filter(template=template).select_related("made_by")
    return render(request, "letters/see_versions.html", {"template": template, "versions": versions})


@requires(Permission.CHANGE_POLICY)
def change_sending(request: Request, template_id: int) -> HttpResponse:
    template = get_object_or_404(LetterTemplate, pk=template_id)
    initial = {name: getattr(template, name) for name in ("sender", "channel", "again_after_weeks")}
    form = SendingForm(request.POST or None, initial=initial)
    back = reverse("letters:edit_template", args=[request.school.urn, template.pk])
    if request.method == "POST" and form.is_valid():
        actions.change_template(template=template, by=request.actor, **form.cleaned_data)
        messages.success(request, "Kept.")
        return redirect(back)
    return form_page(request, form, title="How it is sent", caption=str(template), button="Keep", back=back)


@requires(Permission.CHANGE_POLICY)
def change_letterhead(request: Request) -> HttpResponse:
    head = Letterhead.objects.filter(school=request.school).first() or Letterhead()
    initial = {"signatory": head.signatory, "position": head.position, "logo_text": head.logo_text}
    form = LetterheadForm(request.POST or None, request.FILES or None, initial=initial)
    back = reverse("letters:see_templates", args=[request.school.urn])
    if request.method == "POST" and form.is_valid():
        actions.change_letterhead(school=request.school, by=request.actor, **form.cleaned_data)
        messages.success(request, "Kept. It stands on the letters made from now on.")
        return redirect(back)
    have = [name for name, data in (("a logo", head.logo), ("a signature", head.signature)) if data]
    intro = [f"There is {' and '.join(have)}; choose a file to put another in its place."] if have else []
    return form_page(request, form, title="Letterhead", button="Keep", back=back, intro=intro)
