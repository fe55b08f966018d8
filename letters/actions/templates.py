"""Write the school's templates: a new version each time, checked before it is kept."""

from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from letters import wording
from letters.languages import NAMES
from letters.models import Letterhead, LetterTemplate, Sensitivity, TemplateVersion
from letters.occasions import Occasion
from letters.starters import starter_of
from registers.models import Pupil

STARTER = Actor.system("starter text")


class BrokenTemplate(Refused):
    """A text with faults. `faults` are (subject or body, sentence)."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__([sentence for _, sentence in faults])
        self.faults = faults


@transaction.atomic
def template_for(school: School, occasion: Occasion) -> LetterTemplate:
    """The school's template of an occasion; made from the starter text when there is none yet."""
    template, is_new = LetterTemplate.objects.get_or_create(school=school, occasion=occasion.value)
    if is_new:
        starter = starter_of(occasion)
        TemplateVersion.objects.create(
            school=school,
            template=template,
            number=1,
            subject=starter.subject,
            body=starter.body,
            made_at=timezone.now(),
            why="Starter text",
        )
    return template


@transaction.atomic
def write_version(
    *, template: LetterTemplate, seen: int, subject: str, body: str, why: str, by: Actor, short: str = "",
    language: str = "",
) -> TemplateVersion:  # fmt: skip
    """Keep new words as the next version; `language` is the tag of a translation, empty for English, which alone has
    `short` words for a text.

    Raises BrokenTemplate with every fault and its place, Refused when somebody wrote a version after number `seen`.
    """
    occasion = Occasion(template.occasion)
    if found := wording.faults(occasion, subject, body, short, translated=bool(language)):
        raise BrokenTemplate(found)
    LetterTemplate.objects.select_for_update(no_key=True).get(pk=template.pk)
    newest = newest_version(template)
    if newest.number != seen:
        raise Refused([f"Somebody wrote {newest} meanwhile. Look at it first; your words are still here."])
    texts = {"subject": newest.subject, "body": newest.body, "short": newest.short, "translations": newest.translations}
    if language:
        texts["translations"] = {**newest.translations, language: {"subject": subject, "body": body}}
    else:
        texts |= {"subject": subject, "body": body, "short": short.strip()}
    version = TemplateVersion.objects.create(
        school_id=template.school_id,
        template=template,
        number=newest.number + 1,
        made_at=timezone.now(),
        made_by_id=by.user_id,
        why=why,
        **texts,
    )
    said = (
        f"Wrote {version} of the letter {occasion.label}{f' in {NAMES[language]}' if language else ''}. {why}".strip()
    )
    audit.record("write_template", template, school_id=template.school_id, by=by, summary=said)
    return version


@transaction.atomic
def change_template(*, template: LetterTemplate, sender: str, channel: str, again_after_weeks: int, by: Actor) -> None:
    """Change who may approve a letter, how it leaves, and when its repetition is warned of."""
    LetterTemplate.objects.filter(pk=template.pk).update(
        sender=sender, channel=channel, again_after_weeks=again_after_weeks
    )
    summary = f"Changed the letter {template}: {LetterTemplate.Sender(sender).label}; {channel}."
    audit.record("change_template", template, school_id=template.school_id, by=by, summary=summary)


def newest_version(template: LetterTemplate) -> TemplateVersion:
    """The version in use."""
    return TemplateVersion.objects.filter(template=template).order_by("-number")[0]


def newest_versions(template_ids: set[int]) -> dict[int, TemplateVersion]:
    """The versions in use of many templates, by template."""
    newest = TemplateVersion.objects.filter(template__in=template_ids).values("template").annotate(n=Max("number"))
    wanted = {(row["template"], row["n"]) for row in newest}
    versions = TemplateVersion.objects.filter(template__in=template_ids, number__in={n for _, n in wanted})
    return {v.template_id: v for v in versions if (v.template_id, v.number) in wanted}


@transaction.atomic
def change_letterhead(
    *, school: School, signatory: str, position: str, logo_text: str, by: Actor,
    logo: bytes | None = None, signature: bytes | None = None,
) -> None:  # fmt: skip
    """Change what stands on the school's letters; a picture that is None stays as it is."""
    head, _ = Letterhead.objects.get_or_create(school=school)
    head.signatory, head.position, head.logo_text = signatory, position, logo_text
    if logo is not None:
        head.logo = logo
    if signature is not None:
        head.signature = signature
    head.save()
    audit.record("change_letterhead", head, school_id=school.pk, by=by, summary="Changed the letterhead.")


@transaction.atomic
def note_sensitivity(
    *,
    pupil: Pupil,
    kind: str,
    note: str,
    start: date,
    by: Actor,
    end: date | None = None,
    contact_id: int | None = None,
) -> Sensitivity:
    """Note what whoever approves a letter must know. Raises Refused for a court order about nobody."""
    if kind == Sensitivity.Kind.COURT_ORDER and contact_id is None and not note.strip():
        raise Refused(["Say which contact the court order is about, or what it says."])
    noted = Sensitivity.objects.create(
        school_id=pupil.school_id, pupil=pupil, kind=kind, note=note, start=start, end=end, contact_id=contact_id
    )
    audit.record(
        "note_sensitivity", noted, school_id=pupil.school_id, by=by, pupil_id=pupil.pk,
        summary=f"Noted for letters: {noted}.",
    )  # fmt: skip
    return noted


@transaction.atomic
def end_sensitivity(*, sensitivity: Sensitivity, today: date, by: Actor) -> None:
    """End what was noted: from today it warns no more."""
    Sensitivity.objects.filter(pk=sensitivity.pk).delete()
    audit.record(
        "end_sensitivity", sensitivity, school_id=sensitivity.school_id, by=by, pupil_id=sensitivity.pupil_id,
        summary=f"Ended on {today:%-d %B %Y} for letters: {sensitivity}.",
    )  # fmt: skip
