"""The property of test_no_third_notice on the real writers and their database: whatever people try, in any order."""

from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_mis import clock as school_clock
from attendance_mis.actions import Refused
from penalties.actions import after
from penalties.amounts import AMOUNTS, Scheme, three_years_after
from penalties.models import PenaltyNotice, Readings
from penalties.notices import COUNTING, Ground, State
from penalties.readings import DEFAULTS, to_document
from registers.codes import code_for
from registers.models import Contact, Mark, SchoolDay
from tests import factories
from tests.conftest import Cast
from tests.factories import LONDON
from tests.penalties.test_notices_of_a_school import HOME, YES, issue, record_known

KNOWN_AMOUNTS = {None, *(amount for amounts in AMOUNTS.values() for amount in amounts)}
STEP = st.one_of(
    st.tuples(st.just("issue"), st.integers(0, 1), st.integers(4, 14)),
    st.tuples(
        st.just("know"), st.integers(0, 1), st.integers(0, 1300), st.sampled_from([Scheme.NATIONAL, Scheme.LOCAL])
    ),
    st.tuples(st.just("answer"), st.integers(0, 5), st.sampled_from(sorted(after.VERBS)), st.sampled_from(Ground)),
    st.tuples(st.just("wait"), st.integers(1, 60)),
)


@settings(max_examples=8)
@given(st.booleans(), st.booleans(), st.lists(STEP, min_size=6, max_size=14))
def _try_everything(cast: Cast, count_old: bool, reissue: bool, steps: list[tuple[Any, ...]]) -> None:
    with transaction.atomic(), time_machine.travel(datetime(2024, 10, 1, 10, tzinfo=LONDON), tick=False) as clock:
        parents = [factories.ContactFactory(pupil=cast.pupils[0], priority=n + 1, **HOME) for n in range(2)]
        Readings.objects.create(
            school=cast.school, in_force_from=date(2024, 9, 1), changed_on=date(2024, 9, 1),
            document=to_document(DEFAULTS) | {"count_old_notices": count_old, "reissue_after_withdrawal": reissue},
        )  # fmt: skip
        for verb, *rest in steps:
            try:
                with transaction.atomic():
                    _step(cast, parents, clock, verb, rest)
            except Refused:
                continue
            _hold(parents, count_old=count_old, reissue=reissue)
        transaction.set_rollback(True)


def _step(cast: Cast, parents: list[Contact], clock: Any, verb: str, rest: list[Any]) -> None:
    today = school_clock.today(cast.school)
    if verb == "wait":
        later = min(today + timedelta(days=rest[0]), date(2025, 7, 18))
        clock.move_to(datetime(later.year, later.month, later.day, 10, tzinfo=LONDON))
    elif verb == "issue":
        _absent(cast, parents[0], today, rest[1])
        answers = YES | {"below_threshold_reason": "The local code allows it.", "la_checked": today}
        issue(cast, Contact.objects.select_related("pupil__school").get(pk=parents[rest[0]].pk), answers=answers)
    elif verb == "know":
        record_known(cast, parents[rest[0]], today - timedelta(days=rest[1]), scheme=rest[2].value)
    elif found := list(PenaltyNotice.objects.order_by("pk"))[rest[0] : rest[0] + 1]:
        due = found[0].reduced_pounds or found[0].full_pounds
        after.answer(
            notice=found[0], verb=rest[1], on=today, said="", by=cast.actor("head"), pounds=due, ground=rest[2]
        )


def _absent(cast: Cast, contact: Contact, today: date, sessions: int) -> None:
    days = SchoolDay.objects.filter(day__lte=today).order_by("-day").values_list("day", flat=True)[:7]
    slots = [(day, session) for day in days for session in (2, 1)][:sessions]
    code = code_for("O", today).number
    Mark.objects.bulk_create(
        (
            Mark(school=cast.school, pupil=contact.pupil, day=day, session=session, code=code, entry_id=0)
            for day, session in slots
        ),
        ignore_conflicts=True,
    )


def _hold(parents: list[Contact], *, count_old: bool, reissue: bool) -> None:
    schemes = {Scheme.NATIONAL, *({Scheme.LOCAL} if count_old else ())}
    for parent in parents:
        own = list(PenaltyNotice.objects.filter(contact=parent).exclude(issued_on=None).prefetch_related("sessions"))
        days = sorted(n.issued_on for n in own if n.state in COUNTING and n.scheme in schemes and n.issued_on)
        for first, third in zip(days, days[2:], strict=False):
            assert third >= three_years_after(first)
        for one, other in combinations(own, 2):
            corrected = reissue and State.WITHDRAWN in (one.state, other.state)
            assert corrected or not one.facts.sessions & other.facts.sessions
        assert {notice.amount for notice in own} <= KNOWN_AMOUNTS


@pytest.mark.django_db
def test_no_sequence_of_actions_yields_a_third(cast: Cast) -> None:
    _try_everything(cast)
