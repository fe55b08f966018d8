"""The evidence lock: a letter whose marks have changed says so, and a corrected one is offered."""

from django.db import connection, transaction
from django.db.models import Max

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.promises import promised
from letters.actions.queueing import queue_letter
from letters.facts import ENCLOSED, ON_MARKS, facts_again
from letters.fields import BLOCKS, Field, fields_of, is_empty, printed
from letters.models import EvidenceCheck, Letter
from letters.occasions import Occasion
from letters.wording import text_of
from registers.models import Entry, Pupil

CHECKING = Actor.system("evidence of letters")
# Which letters rest on a session that was entered anew since, an entry that took a mark back included.
_SUSPECT = """
SELECT DISTINCT l.id
FROM registers_entry e CROSS JOIN LATERAL unnest(e.pupils) AS x (pupil_id)
JOIN letters_letter l ON l.school_id = e.school_id AND l.state = 'approved'
     AND (l.pupil_id = x.pupil_id OR l.sibling_marks ? x.pupil_id::text)
     AND e.day BETWEEN l.marks_from AND l.marks_until AND e.id > l.last_entry
WHERE e.school_id = %(school)s AND e.id > %(up_to)s
"""
# An entry's id is drawn before it commits: so many are looked at again, lest a slow one be passed over.
BEHIND = 500


def check_evidence(*, school: School) -> int:
    """Follow the entries made since the last look into the letters; how many are wrong that were not."""
    check, _ = EvidenceCheck.objects.get_or_create(school=school)
    newest = Entry.objects.aggregate(newest=Max("id"))["newest"] or 0
    with connection.cursor() as cursor:
        cursor.execute(_SUSPECT, {"school": school.pk, "up_to": check.up_to - BEHIND})
        suspect = [pk for (pk,) in cursor.fetchall()]
    found = sum(_check(letter) for letter in Letter.objects.filter(pk__in=suspect).select_related("school", "version"))
    EvidenceCheck.objects.filter(pk=check.pk).update(up_to=newest)
    return found


@transaction.atomic
def _check(letter: Letter) -> bool:
    wrong = "; ".join([*_differences(letter), *_of_siblings(letter)])
    now = clock.true_now(letter.school)
    Letter.objects.filter(pk=letter.pk).update(
        wrong=wrong[:500], wrong_at=(letter.wrong_at or now) if wrong else None, last_entry=_newest_entry(letter)
    )
    if wrong and wrong != letter.wrong:
        audit.record(
            "letter_wrong", letter, school_id=letter.school_id, by=CHECKING, pupil_id=letter.pupil_id,
            summary=f"The letter {letter.label} of {letter.dated:%-d %B %Y} is now wrong: {wrong}.",
        )  # fmt: skip
    return bool(wrong) and not letter.wrong


def _newest_entry(letter: Letter) -> int:
    """The newest entry of a session the letter could rest on: what is looked at now is not looked at again."""
    pupils = [letter.pupil_id, *map(int, letter.sibling_marks)]
    entries = Entry.objects.filter(pupils__overlap=pupils, day__range=(letter.marks_from, letter.marks_until))
    return entries.aggregate(newest=Max("id"))["newest"] or letter.last_entry


def _differences(letter: Letter) -> list[str]:
    """What the letter says and the register does not, each as "Sessions missed this year: 11, now 9"."""
    occasion, now = Occasion(letter.occasion), facts_again(letter, letter.pupil_id, letter.marks).values
    used = {name for text in text_of(promised(letter.version), occasion) for name in text.names} & ON_MARKS
    if letter.enclosure:
        used |= ENCLOSED
    differences = []
    for name, field in fields_of(occasion).items():
        said, says = letter.values.get(name), now.get(name)
        if name not in used or said == says:
            continue
        if field.kind in BLOCKS:
            differences.append(f"{field.label} has changed")
        else:
            differences.append(_difference(field, said, says))
    return differences


def _difference(field: Field, said: object, says: object) -> str:
    before, after = ("none" if is_empty(each) else printed(field, each) for each in (said, says))
    return f"{field.label}: {before}, now {after}"


def _of_siblings(letter: Letter) -> list[str]:
    """The same of the summaries of joined siblings, each by name: "Zara: Sessions missed this year: 3, now 2"."""
    fields, differences = fields_of(Occasion(letter.occasion)), []
    for pupil_id, then in letter.sibling_marks.items():
        now = facts_again(letter, int(pupil_id), then["marks"]).values
        differences += [
            f"{then['forename']}: {_difference(fields[name], said, now[name])}"
            for name, said in sorted(then["values"].items())
            if said != now[name]
        ]
    return differences


def correct_letter(*, letter: Letter, by: Actor) -> Letter:
    """Propose a corrected letter in the place of one that is wrong. Raises Refused when it is not."""
    if not letter.wrong:
        raise Refused(["What this letter says is right."])
    return queue_letter(
        school=letter.school,
        pupil=letter.pupil,
        occasion=letter.occasion,
        by=by,
        why=f"Corrects the letter of {letter.dated:%-d %B %Y}. {letter.wrong}"[:500],
        values=letter.given,
        siblings=list(Pupil.objects.filter(pk__in=letter.siblings)),
        contacts=letter.contacts,
        key=f"corrects:{letter.pk}",
        corrects=letter,
    )
