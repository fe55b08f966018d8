"""A number that was kept on a day, beside the register as it was recorded at that moment, and the register of today.

The number itself is never worked out again: what stands here says whether it still can be made of the record.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from casework.progress import expected_of
from registers import codes
from registers.attendance import Summary, summarise
from registers.calendar_rules import Session
from registers.codes import Code
from registers.models import Mark, Pupil
from registers.record import marks_as_at


@dataclass(frozen=True, slots=True)
class Held:
    """A session: its code when the number was kept and now, None without a mark; `counts` in the calendar and roll of
    today.
    """

    day: date
    session: Session
    then: Code | None
    now: Code | None
    counts: bool

    @property
    def since(self) -> str:
        """What has become of the mark since then; empty where it is the same."""
        if self.then == self.now:
            return ""
        if self.then is None:
            return "marked"
        return "corrected" if self.now else "taken back"


@dataclass(frozen=True, slots=True)
class Frozen:
    """`kept` as it is stored, `then` what the record of the moment adds up to, `now` what the register says today.

    `with_uncounted`: `then` counts the sessions too that today's calendar and roll leave out, as only so it is `kept`.
    """

    kept: Summary
    then: Summary
    now: Summary
    sessions: list[Held]
    with_uncounted: bool

    @property
    def agrees(self) -> bool:
        return _same(self.kept, self.then)

    @property
    def holds(self) -> bool:
        """Whether today's register gives the same number."""
        return _same(self.kept, self.now)

    @property
    def counted(self) -> list[Held]:
        """The sessions that `then` adds up."""
        return [each for each in self.sessions if each.counts or self.with_uncounted]

    @property
    def uncounted(self) -> list[Held]:
        """Sessions that held a mark, and are today no session of the school or no day on roll."""
        return [each for each in self.sessions if each.then and not each.counts]

    @property
    def changed(self) -> list[Held]:
        return [each for each in self.sessions if each.since]

    @property
    def since(self) -> str:
        """How many sessions were marked, corrected or taken back since then: "1 marked, 3 corrected"."""
        found = Counter(each.since for each in self.changed)
        return ", ".join(f"{found[how]} {how}" for how in ("marked", "corrected", "taken back") if found[how])

    @property
    def codes(self) -> list[tuple[Code | None, int]]:
        """How often each code stood in the register of that moment; without a mark last."""
        found = Counter(each.then.number for each in self.counted if each.then)
        without = sum(each.then is None for each in self.counted)
        return [
            *((codes.by_number(number), count) for number, count in sorted(found.items())),
            *([(None, without)] if without else []),
        ]

    @property
    def listed(self) -> list[Held]:
        """The sessions missed then, and those that are another today; the newest first."""
        missed = [each for each in self.counted if each.then and each.then.number in codes.ABSENT]
        return sorted({*missed, *self.changed}, key=lambda each: (each.day, each.session), reverse=True)


def _same(one: Summary, other: Summary) -> bool:
    """Of a number that was kept, attended, missed and possible are stored."""
    return (one.attended, one.absence, one.possible) == (other.attended, other.absence, other.possible)


def frozen(kept: Summary, pupil: Pupil, first: date, last: date, moment: datetime) -> Frozen:
    """Four queries."""
    expected = set(expected_of(pupil, first, last))
    found = Mark.objects.filter(pupil=pupil, day__range=(first, last)).values_list("day", "session", "code")
    now = {(day, Session(session)): code for day, session, code in found}
    then = {(each.day, each.session): each.code for each in marks_as_at(pupil, first, last, moment)}
    sessions = [
        Held(
            day,
            session,
            _code(then.get((day, session))),
            _code(now.get((day, session))),
            (day, session) in expected,
        )
        for day, session in sorted(expected | then.keys())
    ]
    compulsory = (pupil.compulsory_from, pupil.compulsory_until)
    as_then = [(day, session, code) for (day, session), code in then.items()]
    of_today = summarise(as_then, expected, compulsory)
    of_all = summarise(as_then, expected | then.keys(), compulsory)
    with_uncounted = not _same(kept, of_today) and _same(kept, of_all)
    return Frozen(
        kept,
        of_all if with_uncounted else of_today,
        summarise([(day, session, code) for (day, session), code in now.items()], expected, compulsory),
        sessions,
        with_uncounted,
    )


def _code(number: int | None) -> Code | None:
    return None if number is None else codes.by_number(number)
