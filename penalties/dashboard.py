"""What the hub shows: who is near, what waits, what runs, what money is due, and the years in numbers."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from attendance_mis.models import School
from attendance_mis.promises import promised
from casework.querysets.measures import school_ranges
from penalties.amounts import Kind
from penalties.improvement import OPEN, ImprovementState
from penalties.judging import reminders_due
from penalties.models import Decision, ImprovementNotice, LastLook, NoticeEvent, NoticeSession, PenaltyNotice, Watch
from penalties.notices import PAYMENTS, Source, State
from penalties.numbers import Whole
from penalties.reminders import Reminder
from penalties.thresholds import APPROACHING, THRESHOLD
from penalties.watching import settings_of
from registers.calendar_rules import academic_year_bounds

IMPROVED = {
    ImprovementState.OFFERED: "not begun yet",
    ImprovementState.RUNNING: "running",
    ImprovementState.MET: "met",
    ImprovementState.NOT_MET: "not met",
    ImprovementState.ENDED: "ended for another reason",
}
"""How a notice to improve stands, in the years in numbers."""
NEVER_ISSUED = (State.PREPARED, State.DECLINED)
YEARS = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything of a school that waits for somebody."""

    met: int
    near: int
    decisions: QuerySet[Decision]
    undecided: list[Watch]
    after_two: QuerySet[PenaltyNotice]
    improvements: QuerySet[ImprovementNotice]
    drafts: QuerySet[PenaltyNotice]
    running: QuerySet[PenaltyNotice]
    reminders: list[tuple[PenaltyNotice, Reminder]]
    changed: QuerySet[PenaltyNotice]
    uncopied: QuerySet[PenaltyNotice]
    states: dict[str, int]


def waiting(school: School, today: date) -> Waiting:
    """The hub of one school; the number of queries does not grow with it."""
    counts = Watch.objects.filter(school=school, counted__gte=APPROACHING).values_list("counted", flat=True)
    undecided = _undecided(school)
    decisions = Decision.objects.filter(outcome="").select_related("pupil", "contact")
    notices = PenaltyNotice.objects.select_related("pupil", "contact")
    open_improvements = ImprovementNotice.objects.filter(state__in=OPEN).select_related("pupil", "contact")
    issued = notices.filter(state=State.ISSUED.value)
    states = Counter(counted_notices().values_list("state", flat=True))
    return Waiting(
        met=sum(count >= THRESHOLD for count in counts),
        near=sum(count < THRESHOLD for count in counts),
        decisions=decisions.order_by("prepared_on"),
        undecided=undecided,
        after_two=_after_two({watch.pupil_id for watch in undecided}, today),
        improvements=open_improvements.order_by("until"),
        drafts=notices.filter(state=State.PREPARED.value),
        running=in_payment(),
        reminders=reminders_due(today, settings_of(school, today)),
        changed=notices.filter(sessions_left__isnull=False).exclude(state=State.WITHDRAWN.value),
        uncopied=issued.filter(la_copied_on=None, document__isnull=False),
        states={state.value: states[state.value] for state in State if states[state.value]},
    )


def in_payment() -> QuerySet[PenaltyNotice]:
    """Every notice that waits for payment, the first to end on top."""
    issued = PenaltyNotice.objects.filter(state=State.ISSUED.value).order_by("full_until", "pk")
    return issued.select_related("pupil", "contact")


def payments_of(academic_year: int) -> tuple[list[NoticeEvent], int]:
    """What the local authority has told of as paid on a day of an academic year (5.19), in order of the days.

    Payments for a notice that was withdrawn since are refunded (5.21): they are not among them, only how many pounds.
    """
    span = academic_year_bounds(academic_year)
    paid = NoticeEvent.objects.filter(verb__in=PAYMENTS, pounds__isnull=False, on__range=span)
    events = list(paid.select_related("notice__pupil", "notice__contact"))
    kept = [event for event in events if event.notice.state != State.WITHDRAWN]
    return kept, sum_of(events) - sum_of(kept)


def sum_of(payments: Iterable[NoticeEvent]) -> int:
    return sum(event.pounds or 0 for event in payments)


def counted_notices() -> QuerySet[PenaltyNotice]:
    """Every penalty notice, this school's and those others have told of, but for drafts that were decided against."""
    return PenaltyNotice.objects.exclude(state=State.DECLINED.value)


def _undecided(school: School) -> list[Watch]:
    """Children who have met the threshold and are with nobody: no decision waits, and none was made of so many.

    What a notice was for is taken off first: they come back when ten new sessions stand, or after a decision without a
    notice as soon as there is one more.
    """
    busy = {*Decision.objects.filter(outcome="").values_list("pupil_id", flat=True)}
    busy |= {*ImprovementNotice.objects.filter(state__in=OPEN).values_list("pupil_id", flat=True)}
    busy |= {*PenaltyNotice.objects.filter(state=State.PREPARED.value).values_list("pupil_id", flat=True)}
    met = list(Watch.objects.filter(met_since__isnull=False).select_related("pupil"))
    look = LastLook.objects.filter(school=school).first() if met else None
    window = school_ranges(school, look.on).window if look else None
    spent: Counter[int] = Counter()
    if window:
        slots = NoticeSession.objects.filter(is_spent=True, kind=Kind.ABSENCE.value, day__gte=window)
        spent.update(pupil for pupil, *_ in slots.values_list("notice__pupil", "day", "session").distinct())
    decided = Decision.objects.exclude(outcome__in=["", Decision.Outcome.LAPSED]).order_by("decided_on", "pk")
    last = {
        pupil: (promised(on), counted)
        for pupil, on, counted in decided.values_list("pupil_id", "decided_on", "counted")
    }
    found = []
    for watch in met:
        fresh = watch.counted - spent[watch.pupil_id]
        on, counted = last.get(watch.pupil_id, (date.min, 0))
        is_decided = watch.met_since is not None and on >= watch.met_since and fresh <= counted
        if watch.pupil_id not in busy and fresh >= THRESHOLD and not is_decided:
            found.append(watch)
    return found


def _after_two(pupils: Collection[int], today: date) -> QuerySet[PenaltyNotice]:
    """The second of two notices that count today, to a parent of one of these children: no third can follow (5.11)."""
    counting = PenaltyNotice.objects.filter(place__isnull=False, issued_on__lte=today, counts_until__gt=today)
    first = counting.filter(contact=OuterRef("contact"), pk__lt=OuterRef("pk"))
    second = counting.filter(Exists(first), pupil__in=pupils)
    return second.select_related("pupil", "contact").order_by("counts_until", "pk")


AUTHORITY_HEADER = (
    "reference", "upn", "child", "parent", "issued_on", "signed_by", "copy_sent_on", "offence_from", "offence_until",
    "sessions", "rules", "pounds", "reduced_pounds", "pay_until", "state", "paid_on", "paid_pounds", "withdrawn_on",
    "withdrawn_because", "prosecuted_on", "court",
)  # fmt: skip


def notices_for_authority(school: School, academic_year: int) -> list[list[object]]:
    """Every notice the school issued in an academic year and what became of it, as the authority records it (5.25)."""
    span = academic_year_bounds(academic_year)
    notices = PenaltyNotice.objects.filter(school=school, source=Source.SCHOOL.value, issued_on__range=span)
    found = notices.select_related("pupil", "contact").prefetch_related("events", "sessions")
    return [_line_of(school, notice) for notice in found.order_by("issued_on", "pk")]


def _line_of(school: School, notice: PenaltyNotice) -> list[object]:
    events = {event.verb: event for event in notice.events.all()}
    paid = events.get("record_payment") or events.get("record_late_payment")
    withdrawn, prosecuted = events.get("withdraw"), events.get("prosecute")
    court = "guilty" if "record_guilty" in events else "not guilty" if "record_not_guilty" in events else ""
    return [
        f"PN {school.urn}-{notice.pk}", notice.pupil.upn, f"{notice.pupil}", f"{notice.contact}", notice.issued_on,
        notice.issuer_name, notice.la_copied_on or "", notice.offence_from or "", notice.offence_until or "",
        len(notice.sessions.all()), notice.scheme, notice.full_pounds, notice.reduced_pounds or "", notice.full_until,
        notice.state,
        paid.on if paid else "", paid.pounds if paid else "", withdrawn.on if withdrawn else "",
        withdrawn.ground if withdrawn else "", prosecuted.on if prosecuted else "", court,
    ]  # fmt: skip


def year_in_numbers(school: School, academic_year: int) -> list[Whole]:
    """What happened in an academic year, without a name: what, and how many, with everything it is made of."""
    first, last = academic_year_bounds(academic_year)
    span: tuple[date, date] = (first, last)
    decided = Counter(Decision.objects.filter(school=school, decided_on__range=span).values_list("outcome", flat=True))
    improvements = Counter(
        ImprovementNotice.objects.filter(school=school, offered_on__range=span).values_list("state", flat=True)
    )
    notices = PenaltyNotice.objects.filter(school=school, source="this school", issued_on__range=span)
    states = Counter(notices.values_list("state", flat=True))
    return [
        Whole(
            "Decisions made",
            {
                f"Decided: {outcome.label.lower()}": decided[outcome.value]
                for outcome in Decision.Outcome
                if outcome != Decision.Outcome.LAPSED
            },
            "decisions",
        ),
        Whole(
            "Notices to improve offered",
            {f"Notices to improve: {IMPROVED[state]}": improvements[state.value] for state in ImprovementState},
            "improvements",
        ),
        Whole(
            "Penalty notices issued",
            {
                f"Penalty notices: {'to be paid' if state is State.ISSUED else state.value}": states[state.value]
                for state in State
                if state not in NEVER_ISSUED
            },
            "notices",
        ),
    ]


@dataclass(frozen=True, slots=True)
class NumbersRow:
    """A total or one of its parts, as it is printed of each academic year, the latest first."""

    figure: str
    name: str
    cells: list[tuple[int, str]]

    @property
    def words(self) -> tuple[str, str]:
        """The total that it is a part of, and which part; of a total, itself and nothing."""
        whole, _, part = self.name.partition(": ")
        return whole, part


def years_shown(academic_year: int) -> range:
    """The academic years that the page of numbers shows, this one first."""
    return range(academic_year, academic_year - YEARS, -1)


def years_in_numbers(school: School, academic_year: int) -> list[list[NumbersRow]]:
    """A table for each total, with a row for each part; all years have the same."""
    years = years_shown(academic_year)
    groups = zip(*(year_in_numbers(school, each) for each in years), strict=True)
    return [
        [
            NumbersRow(group[0].figure, name, [(year, w.printed[name]) for year, w in zip(years, group, strict=True)])
            for name in group[0].printed
        ]
        for group in groups
    ]
