"""Letters as they would go out now: text, values, receivers, warnings, and why one cannot be approved. Reading only.

A constant number of queries for any number of letters.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from attendance_mis.models import School
from attendance_mis.permissions import Role
from letters import markup, wording
from letters.actions.templates import newest_versions
from letters.cautions import About, Before, cautions
from letters.facts import Facts, facts_of, with_siblings
from letters.fields import Field, Kind, Unknown
from letters.models import Letter, LetterTemplate, TemplateVersion
from letters.models.templates import BY_POST
from letters.occasions import Occasion
from letters.recipients import Family, families
from registers.models import PlannedAbsence
from registers.siblings import siblings_of

LOOK_BACK = timedelta(weeks=26)
SENDERS = {
    LetterTemplate.Sender.MANAGER: {Role.MANAGER, Role.LEAD, Role.HEAD},
    LetterTemplate.Sender.LEAD: {Role.LEAD, Role.HEAD},
    LetterTemplate.Sender.HEAD: {Role.HEAD},
}
NOBODY = "parent or carer"


@dataclass(frozen=True, slots=True)
class Prepared:
    """One proposed letter, ready to be looked at."""

    letter: Letter
    facts: Facts
    siblings: list[Facts]
    version: TemplateVersion
    values: dict[str, Any]
    family: Family
    warnings: list[str]
    missing: list[Any]
    reasons: list[str]


def shown_values(prepared: Prepared) -> dict[str, Any]:
    """The values of a proposed letter for whoever reads it: the first receiver's name, and in place of what nobody has
    filled in yet its label in brackets.
    """
    values = dict(prepared.values)
    if prepared.family.recipients:
        values["salutation"] = prepared.family.recipients[0].salutation
    return values | {field.name: _unknown(field) for field in prepared.missing}


def _unknown(field: Field) -> Any:
    said = f"[{field.label}]"
    return {Kind.LINES: [said], Kind.ROWS: [[said]]}.get(field.kind, Unknown(field.label))


def why_not_approve(
    state: str, *, roles: Collection[str], sender: str, recipients: int, missing: Collection[str], nothing_to_tell: bool
) -> list[str]:
    """Why a letter cannot be approved; empty means it can.

    `missing` are the labels of what somebody has yet to fill in; `nothing_to_tell`: the text tells of
    attendance, and there is none.
    """
    if state != Letter.State.PROPOSED:
        return ["Somebody has decided this letter already."]
    reasons = []
    if not SENDERS[LetterTemplate.Sender(sender)] & set(roles):
        reasons.append(f"Approved by: {LetterTemplate.Sender(sender).label.lower()}.")
    if not recipients:
        reasons.append("There is nobody to send it to: no parent with parental responsibility receives letters.")
    if nothing_to_tell:
        reasons.append("No session counts for this pupil yet this year: there is no attendance to write about.")
    if missing:
        reasons.append(f"Fill in first: {', '.join(missing)}.")
    return reasons


def prepare(school: School, letters: Sequence[Letter], today: date, roles: Collection[str]) -> list[Prepared]:
    """These letters as they would go out today, in their order. `roles` are those of who would approve them."""
    joined = {pk for letter in letters for pk in letter.siblings}
    pupil_ids = {letter.pupil_id for letter in letters} | joined
    facts = facts_of(school, pupil_ids, today)
    found = families(pupil_ids, today)
    versions = newest_versions({letter.template_id for letter in letters})
    kin = siblings_of(school)
    part_time = set(
        PlannedAbsence.objects.standing()
        .filter(kind=PlannedAbsence.Kind.PART_TIME, start__lte=today, end__gte=today, pupil__in=pupil_ids)
        .values_list("pupil_id", flat=True)
    )
    before = _before(pupil_ids | {pk for each in pupil_ids for pk in kin.get(each, ())}, today)
    prepared = []
    for letter in letters:
        about = facts[letter.pupil_id]
        siblings = [facts[pk] for pk in letter.siblings if pk in facts]
        version = versions[letter.template_id]
        values = {
            **with_siblings(about.values, [each.pupil for each in siblings]),
            "salutation": NOBODY,
            **letter.given,
        }
        occasion = Occasion(letter.occasion)
        missing = [
            field for text in wording.text_of(version, occasion) for field in markup.missing(text, values)
        ]  # fmt: skip
        untold = [field for field in missing if field.rests_on_marks]
        family = found[letter.pupil_id].of(letter.contacts)
        prepared.append(
            Prepared(
                letter=letter,
                facts=about,
                siblings=siblings,
                version=version,
                values=values,
                family=family,
                warnings=cautions(
                    _about(letter, about, family, today, part_time, before, kin.get(letter.pupil_id, set()))
                ),
                missing=missing,
                reasons=why_not_approve(
                    letter.state,
                    roles=roles,
                    sender=letter.template.sender,
                    recipients=len(family.recipients),
                    missing=list(dict.fromkeys(field.label for field in missing if field not in untold)),
                    nothing_to_tell=bool(untold),
                ),
            )
        )
    return prepared


def _before(pupil_ids: set[int], today: date) -> dict[int, list[Letter]]:
    """Other letters to these pupils that wait, or went in the last half-year, by pupil."""
    letters: dict[int, list[Letter]] = defaultdict(list)
    found = Letter.objects.filter(pupil__in=pupil_ids).exclude(state=Letter.State.DROPPED)
    lately = found.filter(state=Letter.State.PROPOSED) | found.dated_since(today - LOOK_BACK)
    for letter in lately.select_related("pupil").defer("marks", "enclosure", "values").order_by("pk"):
        letters[letter.pupil_id].append(letter)
    return letters


def _about(
    letter: Letter, facts: Facts, family: Family, today: date, part_time: set[int],
    before: dict[int, list[Letter]], kin: set[int],
) -> About:  # fmt: skip
    pupil = facts.pupil
    others = [other for pk in (letter.pupil_id, *sorted(kin)) for other in before.get(pk, ()) if other.pk != letter.pk]
    channel = letter.template.channel
    receivers = family.recipients
    return About(
        occasion=Occasion(letter.occasion),
        today=today,
        forename=pupil.forename,
        absence=facts.summary.absence,
        illness=facts.illness,
        without_reason=facts.without_reason,
        unmarked=facts.unmarked_before,
        on_roll=facts.on_roll,
        sen=pupil.sen_status,
        medical_note=bool(pupil.medical_note),
        part_time=letter.pupil_id in part_time,
        contacts=family.contacts,
        recipients=len(family.recipients),
        without_address=[each.addressee for each in receivers if channel in BY_POST and not each.has_whole_address],
        without_email=[each.addressee for each in receivers if channel in ("email", "note") and not each.email],
        without_mobile=[each.addressee for each in receivers if channel == "text" and not each.mobile],
        barred=family.barred,
        sensitivities=[(each.kind, each.note) for each in family.sensitivities],
        before=[
            Before(
                Occasion(other.occasion),
                other.dated or today,
                other.pupil.forename,
                other.pupil_id == letter.pupil_id,
                other.state == Letter.State.PROPOSED,
            )
            for other in others
        ],
        again_after_weeks=letter.template.again_after_weeks,
    )
