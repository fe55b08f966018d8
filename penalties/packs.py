"""The referral pack as it stands: each part from the record and from what people added, and what is missing."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Max, QuerySet
from django.template.loader import render_to_string

from attendance_mis import clock
from attendance_mis.actors import Actor
from attendance_mis.pdf import render_pdf
from casework.form_record import checklist_record
from casework.legal_checklist import CHECKLIST, Ticked
from casework.models import Case, ContactRecord, LeaveRequest
from letters.drawing import words
from letters.models import Letter
from letters.occasions import Occasion
from penalties.actions.after import VERBS
from penalties.families import ladder_of
from penalties.improvement import IMPROVEMENT_CONTENTS as IMPROVED
from penalties.judging import notices_of
from penalties.models import ImprovementNotice, Pack, PackItem
from penalties.notices import CONTENTS, OFFENCE_PARTICULARS
from penalties.pack_rules import ENTERED, WAIVABLE, PackFacts, Part, missing, percent_complete
from registers import certificate, codes
from registers.models import Certificate, Entry

FLOWING = frozenset({Part.LEAVE, Part.CONTACTS, Part.MEETINGS, Part.PLAN, Part.VOICE, Part.AGENCIES})
BEFORE = timedelta(days=182)
STYLES = ("registers/certificate.css", "penalties/pack.css")


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing in a part: its day, what it is, and its words; `html` a letter as it was drawn, `rows` a form's."""

    on: date | None
    title: str
    text: str = ""
    html: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    item: PackItem | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the pack."""

    part: Part
    pieces: tuple[Piece, ...]
    waived: PackItem | None
    missing: str

    @property
    def title(self) -> str:
        return self.part.heading

    @property
    def flows(self) -> bool:
        """Whether it follows the part before it on the same page; the larger ones begin a page."""
        return self.part in FLOWING

    @property
    def is_needed(self) -> bool:
        """Whether anything stands in it, or has to."""
        return bool(self.pieces or self.missing or self.waived) or self.part in (
            Part.CERTIFICATE,
            Part.STATEMENT,
            Part.CHECKLIST,
        )

    @property
    def may_add(self) -> bool:
        return self.part in ENTERED

    @property
    def may_waive(self) -> bool:
        return self.part in WAIVABLE and not self.pieces


@dataclass(frozen=True, slots=True)
class Gathered:
    """A pack with everything in it. `fingerprint`: sha256 over the words of every part, printed inside."""

    pack: Pack
    register: certificate.Contents
    offence: tuple[certificate.Slot, ...]
    sections: tuple[Section, ...]
    facts: PackFacts
    fingerprint: str
    number: str = ""
    ticked: dict[str, Ticked] = field(default_factory=dict)

    @property
    def percent(self) -> int:
        return percent_complete(self.facts)

    @property
    def misses(self) -> list[str]:
        return [f"{part.heading}: {text}" for part, text in missing(self.facts).items()]

    @property
    def lines(self) -> list[tuple[str, Ticked]]:
        """The checklist with its answers."""
        return [(text, self.ticked.get(key, Ticked())) for key, text in CHECKLIST.items()]


def ticked_of(pack: Pack) -> dict[str, Ticked]:
    return {key: Ticked(answer, date.fromisoformat(on) if on else None) for key, (answer, on) in pack.checklist.items()}


def proposed_ticks(pack: Pack) -> dict[str, Ticked]:
    """The checklist as it was answered; where nobody has answered, as the record does."""
    known = {key: Ticked("yes", found.on) for key, found in checklist_record(pack.pupil).items() if found.on}
    return known | {key: tick for key, tick in ticked_of(pack).items() if tick.answer}


def gather(pack: Pack, issued: Certificate | None = None) -> Gathered:
    """Everything of a pack: at the moment of an issued certificate, or now."""
    school = pack.pupil.school
    moment = issued.moment if issued else clock.now(school)
    newest = issued.last_entry_id if issued else Entry.objects.aggregate(newest=Max("id"))["newest"] or 0
    register = certificate.contents(pack.pupil, pack.first, min(pack.last, moment.date()), moment, newest)
    offence = tuple(
        slot
        for slot in register.slots
        if slot.state == "marked"
        and slot.code
        and slot.code.number in codes.UNAUTHORISED - codes.NO_REASON
        and pack.pupil.compulsory_from <= slot.day <= pack.pupil.compulsory_until
    )
    items = list(pack.items.select_related("noted_by"))
    waivers = {Part(item.part): item for item in items if item.is_waiver}
    pieces = {part: tuple(_pieces(part, pack, items)) for part in Part}
    ticked = ticked_of(pack)
    facts = PackFacts(
        held={part: len(found) for part, found in pieces.items()},
        waived={part: item.text for part, item in waivers.items()},
        ticked=ticked,
        without_reason=sum(slot.code is not None and slot.code.number in codes.NO_REASON for slot in register.slots),
        unauthorised=len(offence),
        unmarked=sum(slot.state == "no mark" for slot in register.slots),
        is_signed=pack.signed_on is not None,
        is_holiday=bool(offence) and all(slot.code and slot.code.letter == "G" for slot in offence),
    )
    misses = missing(facts)
    sections = tuple(Section(part, pieces[part], waivers.get(part), misses.get(part, "")) for part in Part)
    number = f"{school.urn}/{issued.number}" if issued else ""
    return Gathered(pack, register, offence, sections, facts, _fingerprint(pack, register, sections), number, ticked)


def _fingerprint(pack: Pack, register: certificate.Contents, sections: tuple[Section, ...]) -> str:
    words_of = [
        [
            section.part.value,
            *([f"{piece.on or ''}", piece.title, piece.text, piece.html, piece.rows] for piece in section.pieces),
        ]
        for section in sections
    ]
    waived = [[section.part.value, section.waived.text] for section in sections if section.waived]
    whole = [register.check_value, pack.statement, pack.signed_as, pack.checklist, words_of, waived]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def _pieces(part: Part, pack: Pack, items: list[PackItem]) -> Iterator[Piece]:
    """What the record holds for a part, then what people added, each in order of its day."""
    found = [*_from_the_record(part, pack)]
    found += [
        Piece(item.on, item.title or item.get_part_display(), item.text, item=item)
        for item in items
        if item.part == part and not item.is_waiver
    ]
    yield from sorted(found, key=lambda piece: piece.on or date.min)


def _from_the_record(part: Part, pack: Pack) -> Iterator[Piece]:
    match part:
        case Part.CHRONOLOGY:
            for rung in ladder_of(pack.pupil):
                yield Piece(rung.on, rung.text)
        case Part.LEAVE:
            for leave in LeaveRequest.objects.filter(pupil=pack.pupil, first__lte=pack.last, last__gte=pack.first):
                asked = f"Asked by {', '.join(leave.applicants)}: {leave.words}"
                by = f"{leave.decided_by_name}, {leave.decided_by_position}"
                decided = f"{leave.get_state_display()}. {leave.reason} {by}" if leave.decided_at else "Not decided."
                yield Piece(leave.asked_on, f"{leave}", f"{asked}\n{decided}")
        case Part.LETTERS:
            letters = Letter.objects.filter(pupil=pack.pupil, state=Letter.State.APPROVED, version__isnull=False)
            for letter in letters.select_related("version").order_by("dated", "pk"):
                if letter.version:
                    drawn = words(letter.version, Occasion(letter.occasion), letter.values)[-1]
                    yield Piece(letter.dated, drawn.subject or f"{letter}", html=drawn.body)
        case Part.CONTACTS | Part.MEETINGS:
            for record in _contacts(part, pack):
                by = f"{record.by_name}, {record.by_position}"
                present = f"Present: {record.present}" if record.present else ""
                said = [record.get_outcome_display(), present, record.said, *_agreed(record.agreed), f"Noted by {by}."]
                text = "\n".join(filter(None, said))
                yield Piece(record.day, f"{record.get_kind_display()}: {record.who}", text)
        case Part.PLAN:
            for case in Case.objects.filter(pupil=pack.pupil).prefetch_related("plans__targets", "plans__actions"):
                for plan in case.plans.all():
                    yield Piece(plan.starts, f"{plan}", _plan(plan))
                    if plan.reviewed_on:
                        came = f"Present: {plan.present}" if plan.was_held else "The family did not come."
                        figures = f"Before: {plan.before.percent} per cent. Since: {plan.after.percent} per cent."
                        yield Piece(plan.reviewed_on, "Review of the plan", f"{came}\n{plan.summary}\n{figures}")
        case Part.IMPROVEMENT:
            for notice in ImprovementNotice.objects.filter(contact=pack.contact):
                lines = [(what[0].upper() + what[1:], notice.contents.get(key, "")) for key, what in IMPROVED.items()]
                end = f"{notice.state}, {notice.unauthorised} unauthorised sessions. {notice.end_why}"
                yield Piece(notice.offered_on, f"{notice}", rows=(*lines, ("What became of it", end)))
        case Part.NOTICES:
            for penalty in notices_of(pack.contact):
                parts = [
                    (each.what[0].upper() + each.what[1:], penalty.contents[each.field])
                    for each in (OFFENCE_PARTICULARS, *CONTENTS)
                    if penalty.contents.get(each.field)
                ]
                events = [(f"{VERBS[each.verb]}, {each.on:%-d %B %Y}", each.said) for each in penalty.events.all()]
                rows = (("State", f"{penalty.state}, issued by {penalty.source}"), *parts, *events)
                yield Piece(penalty.issued_on, f"{penalty}", rows=rows)
        case Part.VOICE:
            for case in Case.objects.filter(pupil=pack.pupil).exclude(voice=""):
                yield Piece(case.opened_on, "In her or his own words", case.voice)


def _contacts(part: Part, pack: Pack) -> QuerySet[ContactRecord]:
    """Contacts of the pack's days and the half year before them: meetings in their own part."""
    found = ContactRecord.objects.standing().filter(
        pupil=pack.pupil, day__range=(pack.first - BEFORE, clock.today(pack.pupil.school))
    )
    meeting = {"kind": ContactRecord.Kind.MEETING}
    return found.filter(**meeting) if part is Part.MEETINGS else found.exclude(**meeting)


def _agreed(agreed: list[dict[str, str]]) -> list[str]:
    return [f"Agreed: {', '.join(f'{value}' for value in each.values() if value)}" for each in agreed]


def _plan(plan) -> str:  # type: ignore[no-untyped-def]
    targets = [f"Target: {target}" for target in plan.targets.all()]
    actions = [f"{action}" for action in plan.actions.all()]
    return "\n".join([*targets, *actions, *([f"Support: {plan.support}"] if plan.support else [])])


def pack_paper(found: Gathered, by: Actor) -> bytes:
    """The pack as one tagged, bookmarked PDF with numbered pages; a draft says on each page that it is none."""
    values = {
        "of": found.register,
        "found": found,
        "pack": found.pack,
        "school": found.pack.pupil.school,
        "by": by,
        "made": clock.now(found.pack.pupil.school),
        "is_draft": bool(found.misses) or not found.number,
    }
    return render_pdf(render_to_string("penalties/pack_pdf.html", values), *STYLES)


def default_statement(pack: Pack, found: Gathered) -> str:
    """What the headteacher's statement begins with; the sessions are printed after it."""
    pupil, school = pack.pupil, pack.pupil.school
    name = f"{pupil.legal_forename} {pupil.legal_surname}"
    return (
        f"{name}, born on {pupil.date_of_birth:%-d %B %Y}, is a registered pupil of {school.name} and of compulsory "
        f"school age. From {pack.first:%-d %B %Y} to {pack.last:%-d %B %Y} the register shows {len(found.offence)} "
        f"sessions of unauthorised absence, listed below with their codes. {pack.contact} is a parent of {name}. None "
        "of these absences was authorised, and no statutory defence is known to me: no leave was granted, no sickness "
        "or unavoidable cause was shown, and no day is set apart by the religion of the family."
    )
