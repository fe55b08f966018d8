"""The referral pack as it stands: each part from the record and from what people added, and what is missing."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count

from django.db.models import Max, Prefetch, QuerySet
from django.template.loader import render_to_string

from attendance_mis import clock
from attendance_mis.actors import Actor
from attendance_mis.pdf import render_pdf
from casework.form_record import checklist_record
from casework.legal_checklist import CHECKLIST, Ticked
from casework.models import Case, ContactRecord, LeaveRequest
from letters.models import Copy, Letter, StoredPdf
from penalties.actions.after import VERBS
from penalties.exhibits import Exhibit, lay_in
from penalties.families import ladder_of
from penalties.judging import notices_of
from penalties.models import Document, ImprovementNotice, Pack, PackItem
from penalties.pack_rules import ENTERED, WAIVABLE, PackFacts, Part, missing, percent_complete
from registers import certificate, codes
from registers.models import Certificate, Entry

FLOWING = frozenset({Part.LEAVE, Part.CONTACTS, Part.MEETINGS, Part.PLAN, Part.VOICE, Part.AGENCIES})
BEFORE = timedelta(days=182)
STYLES = ("registers/certificate.css", "penalties/pack.css")


@dataclass(frozen=True, slots=True)
class Paper:
    """Where the bytes of a paper lie, and their hash; they are read when the pack is drawn."""

    where: type[StoredPdf] | type[Document]
    pk: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing in a part: its day, what it is, its words or a form's `rows`, and the paper that stands behind it.

    `exhibit` is the number of that paper in the pack, 0 where there is none.
    """

    on: date | None
    title: str
    text: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    item: PackItem | None = None
    paper: Paper | None = None
    exhibit: int = 0


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
    def papers(self) -> list[Piece]:
        """What stands behind the pack as an exhibit, in the order of its numbers."""
        return [piece for section in self.sections for piece in section.pieces if piece.exhibit]

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
    items = list(pack.items.select_related("noted_by", "document").defer("document__content"))
    waivers = {Part(item.part): item for item in items if item.is_waiver}
    numbers = count(1)
    pieces = {
        part: tuple(
            replace(piece, exhibit=next(numbers)) if piece.paper else piece for piece in _pieces(part, pack, items)
        )
        for part in Part
    }
    ticked = ticked_of(pack)
    facts = PackFacts(
        held={part: len(found) for part, found in pieces.items()},
        waived={part: item.text for part, item in waivers.items()},
        ticked=ticked,
        without_reason=sum(slot.code is not None and slot.code.number in codes.NO_REASON for slot in register.slots),
        unauthorised=len(offence),
        unmarked=sum(slot.state == "no mark" for slot in register.slots),
        is_signed=pack.signed_on is not None,
        letters_unmade=_letter_copies(pack).filter(status__in=UNMADE).count(),
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
            *(
                [f"{piece.on or ''}", piece.title, piece.text, piece.rows, piece.paper.sha256 if piece.paper else ""]
                for piece in section.pieces
            ),
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
        Piece(item.on, item.title or item.get_part_display(), item.text, item=item, paper=_paper(item.document))
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
            for copy in _letter_copies(pack).exclude(status__in=UNMADE):
                stored = copy.pdf
                sent = f"To {copy.addressee}. {copy.get_status_display()}."
                paper = Paper(StoredPdf, stored.pk, stored.sha256) if stored else None
                yield Piece(copy.letter.dated, f"{copy.letter}", sent, paper=paper)
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
                        figures = f"Before: {plan.before.in_words}. Since: {plan.after.in_words}."
                        yield Piece(plan.reviewed_on, "Review of the plan", f"{came}\n{plan.summary}\n{figures}")
        case Part.IMPROVEMENT:
            for notice in (
                ImprovementNotice.objects.filter(contact=pack.contact)
                .select_related("document")
                .defer("document__content")
            ):
                days = f"{notice.starts:%-d %B %Y} to {notice.until:%-d %B %Y}: {notice.target}."
                end = f"{notice.state}, {notice.unauthorised} unauthorised sessions. {notice.end_why}"
                rows = (("Its time, and what was enough", days), ("What became of it", end))
                yield Piece(notice.offered_on, f"{notice}", rows=rows, paper=_paper(notice.document))
        case Part.NOTICES:
            for penalty in notices_of(pack.contact):
                amount = [("Amount", f"{penalty.amount}")] if penalty.amount else []
                events = [(f"{VERBS[each.verb]}, {each.on:%-d %B %Y}", each.said) for each in penalty.events.all()]
                became = (("State", f"{penalty.state}, issued by {penalty.source}"), *amount, *events)
                yield Piece(penalty.issued_on, f"{penalty}", rows=became, paper=_paper(penalty.document))
        case Part.VOICE:
            for case in Case.objects.filter(pupil=pack.pupil).exclude(voice=""):
                yield Piece(case.opened_on, "In her or his own words", case.voice)


def _paper(document: Document | None) -> Paper | None:
    return Paper(Document, document.pk, document.sha256) if document else None


UNMADE = (Copy.Status.APPROVED, Copy.Status.RENDERING)
"""Approved, and on the way to be made: the pack waits for them."""


def _letter_copies(pack: Pack) -> QuerySet[Copy]:
    """The copies of letters about the child that went to this parent: never what was written to another."""
    copies = Copy.objects.filter(
        letter__pupil=pack.pupil, letter__state=Letter.State.APPROVED, contact_id=pack.contact_id
    )
    return (
        copies.exclude(status__in=[Copy.Status.CANCELLED, Copy.Status.FAILED])
        .select_related("letter")
        .prefetch_related(Prefetch("pdfs", queryset=StoredPdf.objects.defer("data")))
        .order_by("letter__dated", "pk")
    )


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
    """The pack as one tagged, bookmarked PDF with numbered pages; a draft says on each page that it is none.

    The papers behind it follow its parts page by page, each with its hash in the list of exhibits.
    """
    exhibits = _exhibits(found)
    values = {
        "of": found.register,
        "found": found,
        "pack": found.pack,
        "school": found.pack.pupil.school,
        "by": by,
        "made": clock.now(found.pack.pupil.school),
        "is_draft": bool(found.misses) or not found.number,
        "exhibits": [(exhibit, exhibit.pages()) for exhibit in exhibits],
        "last_number": len(Part) + 1,
    }
    bundle = render_pdf(render_to_string("penalties/pack_pdf.html", values), *STYLES)
    return lay_in(bundle, exhibits)


def _exhibits(found: Gathered) -> list[Exhibit]:
    """The papers with their bytes; two queries."""
    papers = [(piece, piece.paper) for piece in found.papers if piece.paper]
    letters = [paper.pk for _, paper in papers if paper.where is StoredPdf]
    documents = [paper.pk for _, paper in papers if paper.where is Document]
    bytes_of: dict[tuple[type, int], bytes] = {
        **{
            (StoredPdf, pk): bytes(data)
            for pk, data in StoredPdf.objects.filter(pk__in=letters).values_list("pk", "data")
        },
        **{
            (Document, pk): bytes(data)
            for pk, data in Document.objects.filter(pk__in=documents).values_list("pk", "content")
        },
    }
    return [
        Exhibit(
            piece.exhibit,
            piece.title,
            piece.on,
            bytes_of[paper.where, paper.pk],
            paper.sha256,
            piece.item.received if piece.item else "",
        )
        for piece, paper in papers
    ]


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
