"""Take a register: open it, save its marks, keep what stands in a clash, send it, cover for somebody.

Every save names the version each mark rests on and carries a key of the browser's own, so that nothing is lost to
somebody else's entry and nothing is entered twice, however often the network delivers it.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.promises import promised
from registers import codes, taking
from registers.actions.marking import Change, Overtaken, enter_marks
from registers.class_register import ClassRegister, Row, Standing, class_register
from registers.codes import Code, NotInForce, UnknownCode
from registers.models import Cover, Entry, Proposal, Register
from registers.models.marks import NOTE_LENGTH
from registers.taking import Outcome, Rights


@dataclass(frozen=True, slots=True)
class Wanted:
    """One mark as somebody wants it, resting on the version she saw. An empty letter takes the mark back."""

    pupil_id: int
    letter: str
    version: int
    minutes_late: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one mark: the version to go on from, and in a clash the mark that stands instead."""

    pupil_id: int
    outcome: Outcome
    version: int = 0
    standing: Standing | None = None
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Save:
    """Who saves, with what rights, and when: made at one moment, received at another. `reason` is an amendment's."""

    key: UUID
    by: Actor
    rights: Rights
    made_at: datetime
    at: datetime
    reason: str = ""

    @property
    def keys(self) -> list[UUID]:
        """The keys its entries carry: a save may take some marks and amend others, which are two entries."""
        return [self.key, uuid5(self.key, Outcome.AMENDED)]


def open_register(register: ClassRegister, *, by: Actor, at: datetime) -> bool:
    """Open a class's register: it counts as being taken from now on, and what was planned is entered in its blanks.

    Safe to call twice; answers whether this call opened it. Raises Refused where there is nothing to take.
    """
    _refuse(taking.why_not_open(register.facts, at))
    head = register.head
    with transaction.atomic():
        _, is_new = Register.objects.get_or_create(
            school=register.school,
            class_group_id=head.class_group_id,
            day=register.day,
            session=register.session,
            defaults={
                "opened_at": at,
                "opened_by_id": by.user_id,
                "cover_for": (head.teachers or "")[:100] if head.covers and not head.teaches else "",
            },
        )
        if is_new and (planned := [row for row in register.blank if row.plan]):
            enter_marks(
                school_id=register.school.pk,
                day=register.day,
                session=register.session,
                changes=[Change(row.pupil.id, row.plan.code.number, 0, note=row.plan.note) for row in planned],
                by=Actor.system("Planned absence"),
                at=at,
                made_at=at,
                source=Entry.Source.PLANNED,
            )
    return is_new


def save_marks(register: ClassRegister, wanted: Sequence[Wanted], save: Save) -> list[Answer]:
    """Enter marks as part of taking a register; one answer for each, in their order.

    A mark is taken, amended (with a reason, by those who may), put to the office as a proposal, told back as a clash
    (its version has moved on; the wish waits until somebody decides), or refused with sentences. `register` holds the
    rows of these pupils, read with the save's keys. The same key again writes nothing and gives the same answer.
    """
    _refuse(taking.why_not_open(register.facts, save.at))
    judged = [_judge(register, each, save) for each in wanted]
    if any(row.entered_already for row in register.rows.values()):
        return [each.answered_again() for each in judged]
    try:
        if all(each.only_enters for each in judged):
            with suppress(Overtaken):  # nothing was written then; with all that follows it is, or not at all
                written = _write(register, judged, save, whole=True)
                return [each.answer(written) for each in judged]
        return _settle(register, judged, save)
    except IntegrityError:  # the same save arrived twice at once, and the other one was first
        fresh = _read_again(register, list(register.rows), save)
        return [_judge(fresh, each, save).answered_again() for each in wanted]


def keep_standing(row: Row | None, *, by: Actor, may_set_any: bool, at: datetime) -> None:
    """Decide a clash for the mark that stands. Whoever made the other wish may, and the office."""
    if row is None or row.waiting is None:
        raise Refused(["There is nothing left to decide here: somebody has decided already."])
    if by.user_id != row.waiting.made_by_id and not may_set_any:
        raise Refused([f"{row.waiting.made_by} or the office decides this."])
    _decided([row.waiting.id], by=by, at=at, is_accepted=False)


def send_register(
    register: ClassRegister, *, by: Actor, made_at: datetime, at: datetime, blanks_are_n: bool = False
) -> ClassRegister:
    """Send a register to the office; its blanks are refused by name, or become N. Answers the register as sent.

    After the close it is sent as late. Sending again what the same person sent does nothing.
    """
    with transaction.atomic():
        row = Register.objects.select_for_update().get(pk=promised(register.head.register_id))
        if row.sent_at and row.sent_by_id == by.user_id:
            return register
        register = class_register(
            register.school, register.head._replace(sent_at=row.sent_at), register.day, register.session
        )
        blank = register.blank
        _refuse(taking.why_not_send(register.facts, [each.name for each in blank], now=at, blanks_are_n=blanks_are_n))
        if blank:
            no_reason = codes.code_for("N", register.day).number
            enter_marks(
                school_id=register.school.pk,
                day=register.day,
                session=register.session,
                changes=[Change(each.pupil.id, no_reason, 0) for each in blank],
                by=by,
                at=at,
                made_at=made_at,
                source=Entry.Source.TEACHER,
            )
        is_late = made_at >= register.facts.closes_at
        Register.objects.filter(pk=row.pk).update(sent_at=made_at, received_at=at, sent_by=by.user_id, is_late=is_late)
        audit.record(
            "send_register",
            row,
            school_id=register.school.pk,
            by=by,
            summary=f"Sent the register of {register.head.class_name} for {register.day:%A %-d %B %Y} "
            f"{register.session}{', late' if is_late else ''}{f', {len(blank)} blanks as N' if blank else ''}.",
        )
    return register


def cover_class(register: ClassRegister, *, by: Actor, at: datetime) -> None:
    """Take over a class for the day: its registers are this person's to take, and they say whose class it is."""
    head = register.head
    with transaction.atomic():
        cover, is_new = Cover.objects.get_or_create(
            school=register.school,
            class_group_id=head.class_group_id,
            day=register.day,
            user_id=by.person,
            defaults={"noted_by": by.name, "noted_at": at},
        )
        if is_new:
            audit.record(
                "cover_class",
                cover,
                school_id=register.school.pk,
                by=by,
                summary=f"Covers {head.class_name} on {register.day:%A %-d %B %Y}"
                f"{f' for {head.teachers}' if head.teachers else ''}.",
            )


# What becomes of each mark


@dataclass(frozen=True, slots=True)
class _Judged:
    wanted: Wanted
    row: Row | None
    outcome: Outcome
    code: Code | None = None
    reasons: list[str] = field(default_factory=list)
    is_new: bool = True  # False: the mark says this already, and nothing is written

    @property
    def writes(self) -> bool:
        return self.is_new and self.outcome in (Outcome.TAKEN, Outcome.AMENDED)

    @property
    def only_enters(self) -> bool:
        """Whether nothing is to be done but to enter a mark: the statement that enters them is a transaction itself."""
        return self.outcome in (Outcome.TAKEN, Outcome.REFUSED) and bool(
            self.wanted.letter and not (self.row and self.row.waiting)
        )

    def answer(self, written: dict[int, int]) -> Answer:
        row, pupil_id = self.row, self.wanted.pupil_id
        standing = row.mark if row and self.outcome in (Outcome.CLASH, Outcome.PROPOSED) else None
        version = 0 if self.writes and self.code is None else written.get(pupil_id, row.version if row else 0)
        return Answer(pupil_id, self.outcome, version, standing, self.reasons)

    def answered_again(self) -> Answer:
        """The answer to a save that was taken before: what it wrote is taken, what it did not write stays unwritten."""
        if self.row and (entry_id := self.row.entered_already):
            return Answer(self.wanted.pupil_id, Outcome.TAKEN, entry_id if self.code else 0)
        if self.writes:
            return Answer(self.wanted.pupil_id, Outcome.CLASH, self.row.version, self.row.mark)  # type: ignore[union-attr]
        return self.answer({})


def _judge(register: ClassRegister, wanted: Wanted, save: Save) -> _Judged:
    facts, rights, row = register.facts, save.rights, register.rows.get(wanted.pupil_id)
    mark = row.mark if row else None
    note = wanted.note.strip()

    def refused(*reasons: str) -> _Judged:
        return _Judged(wanted, row, Outcome.REFUSED, reasons=list(reasons))

    try:
        code = codes.code_for(wanted.letter, register.day) if wanted.letter else None
    except (UnknownCode, NotInForce) as fault:
        return refused(f"{fault}.")
    if row is None:
        return refused(*taking.why_not_mark(facts, None, codes.code_for("N", register.day), may_set_any=False))
    if (code, wanted.minutes_late, note) == ((mark.code, mark.minutes_late, mark.note) if mark else (None, None, "")):
        return _Judged(wanted, row, Outcome.TAKEN, code, is_new=False)
    if len(note) > NOTE_LENGTH:
        return refused(f"A note has at most {NOTE_LENGTH} characters; shorten it.")
    if code:
        allowed = taking.why_not_mark(
            facts, row.pupil, code, may_set_any=rights.set_any, may_decide_leave=rights.decide_leave, note=note
        )
        if reasons := (allowed or taking.why_not_minutes(facts, code, wanted.minutes_late)):
            return refused(*reasons)
    if wanted.version != row.version:
        return _Judged(wanted, row, Outcome.CLASH, code)
    others = "" if mark is None or mark.is_teachers else mark.by_name or "The office"
    reasons = taking.why_not_overwrite(others, may_set_any=rights.set_any, note=note, taken_back=code is None)
    if code is None:
        reasons = reasons or taking.why_not_take_back(facts, save.made_at)
    result = taking.outcome(
        facts,
        made_at=save.made_at,
        has_mark=mark is not None,
        may_amend=rights.amend,
        is_own_late=mark is not None and mark.is_own_late(facts, save.by.user_id),
    )
    if result is Outcome.AMENDED and not save.reason.strip():
        reasons = reasons or ["The register was sent or has closed, so this is an amendment: give the reason."]
    return refused(*reasons) if reasons else _Judged(wanted, row, result, code)


def _settle(register: ClassRegister, judged: list[_Judged], save: Save) -> list[Answer]:
    """Enter what can be entered, and keep every wish that was overtaken, in one transaction."""
    with transaction.atomic():
        _hold_open(register, [each.wanted for each in judged])
        written = _write(register, judged, save)
        if overtaken := _overtaken(judged, written):
            fresh = _read_again(register, overtaken, save)
            judged = [
                _judge(fresh, each.wanted, save) if each.wanted.pupil_id in overtaken else each for each in judged
            ]
        _let_wait(register, judged, save)
        _decide(register, judged, written, save)
    return [each.answer(written) for each in judged]


def _write(register: ClassRegister, judged: Sequence[_Judged], save: Save, *, whole: bool = False) -> dict[int, int]:
    """Enter what is taken and what is amended; the entry's id by pupil. With `whole` all of it, or Overtaken."""
    written: dict[int, int] = {}
    while_taking = Entry.Source.OFFICE if save.rights.set_any and not register.head.is_own else Entry.Source.TEACHER
    for outcome, key, source in zip(
        (Outcome.TAKEN, Outcome.AMENDED), save.keys, (while_taking, Entry.Source.AMENDMENT), strict=True
    ):
        changes = [
            Change(
                each.wanted.pupil_id,
                each.code.number if each.code else None,
                each.wanted.version,
                each.wanted.minutes_late,
                each.wanted.note.strip(),
            )
            for each in judged
            if each.outcome is outcome and each.is_new
        ]
        if not changes:
            continue
        entered = enter_marks(
            school_id=register.school.pk,
            day=register.day,
            session=register.session,
            changes=changes,
            by=save.by,
            at=save.at,
            made_at=save.made_at,
            source=source,
            key=key,
            amend_because=save.reason.strip() if outcome is Outcome.AMENDED else None,
            whole=whole,
        )
        if entered.entry_id is not None:
            written |= dict.fromkeys(entered.pupil_ids, entered.entry_id)
    return written


def _overtaken(judged: Iterable[_Judged], written: Collection[int]) -> list[int]:
    """The pupils whose mark somebody else changed between the reading and the writing."""
    return [each.wanted.pupil_id for each in judged if each.writes and each.wanted.pupil_id not in written]


def _hold_open(register: ClassRegister, wanted: Iterable[Wanted]) -> None:
    """Taking a mark back must not leave a blank in a register that somebody sends at this moment."""
    if all(each.letter for each in wanted):
        return
    row = Register.objects.select_for_update().get(pk=promised(register.head.register_id))
    _refuse(taking.why_not_take_back(register.facts, row.sent_at) if row.sent_at and not register.head.sent_at else [])


def _read_again(register: ClassRegister, pupils: Collection[int], save: Save) -> ClassRegister:
    return class_register(register.school, register.head, register.day, register.session, pupils, save.keys)


def _let_wait(register: ClassRegister, judged: Iterable[_Judged], save: Save) -> None:
    """Keep the wishes that were not entered until somebody decides; a newer one of the same person replaces hers."""
    waiting = [each for each in judged if each.outcome in (Outcome.PROPOSED, Outcome.CLASH) and each.code and each.row]
    if not waiting:
        return
    replaced = [
        each.row.waiting.id
        for each in waiting
        if each.row and each.row.waiting and each.row.waiting.made_by_id == save.by.user_id
    ]
    _decided(replaced, by=save.by, at=save.at, is_accepted=False)
    Proposal.objects.bulk_create(
        [
            Proposal(
                school=register.school,
                pupil_id=each.wanted.pupil_id,
                day=register.day,
                session=register.session,
                code=each.code.number,  # type: ignore[union-attr]
                minutes_late=each.wanted.minutes_late,
                note=each.wanted.note.strip(),
                key=save.key,
                made_at=save.made_at,
                received_at=save.at,
                made_by_id=save.by.person,
            )
            for each in waiting
        ],
        ignore_conflicts=True,
    )


def _decide(register: ClassRegister, judged: Iterable[_Judged], written: dict[int, int], save: Save) -> None:
    """What waited for a pupil whose mark was just entered is decided by it."""
    decided = [each for each in judged if each.wanted.pupil_id in written and each.row and each.row.waiting]
    for is_accepted in (True, False):
        ids = [each.row.waiting.id for each in decided if (each.row.waiting.code == each.code) is is_accepted]  # type: ignore[union-attr]
        _decided(ids, by=save.by, at=save.at, is_accepted=is_accepted)


def _decided(proposal_ids: Sequence[int], *, by: Actor, at: datetime, is_accepted: bool) -> None:
    if proposal_ids:
        Proposal.objects.filter(pk__in=proposal_ids, decided_at=None).update(
            decided_at=at, decided_by=by.user_id, is_accepted=is_accepted
        )


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise Refused(reasons)
