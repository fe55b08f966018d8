"""No sequence of actions yields a third notice within three years, two for one offence, or an unknown amount."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from penalties.amounts import AMOUNTS, Amount, Kind, Scheme, period_of, three_years_after
from penalties.notices import (
    COUNTING,
    TRANSITIONS,
    Ground,
    Notice,
    Source,
    State,
    why_not,
    why_not_prosecute,
    why_not_record_known,
    why_not_record_unpaid,
    why_not_withdraw,
)
from penalties.readings import PenaltySettings, Straddling
from penalties.rules import why_not_issue
from tests.penalties.a_notice import issue_facts, sessions

KNOWN_AMOUNTS = {amount for amounts in AMOUNTS.values() for amount in amounts}
FAMILIES = st.tuples(st.sampled_from(["mother", "father"]), st.sampled_from(["child", "sibling"]))
VERBS = sorted({verb for verbs in TRANSITIONS.values() for verb in verbs} - {"issue", "decline"})


class School(RuleBasedStateMachine):
    """A school that tries whatever it can, day after day, and is only held back by the rules."""

    def __init__(self) -> None:
        super().__init__()
        self.readings = PenaltySettings()
        self.today = date(2024, 7, 1)
        self.notices: dict[tuple[str, str], list[tuple[Notice, Amount | None]]] = {}

    @initialize(
        count_old=st.booleans(), used=st.booleans(), reissue=st.booleans(), straddling=st.sampled_from(Straddling)
    )
    def choose_readings(self, count_old: bool, used: bool, reissue: bool, straddling: Straddling) -> None:
        self.readings = PenaltySettings(
            count_old_notices=count_old,
            count_used_sessions=used,
            reissue_after_withdrawal=reissue,
            straddling=straddling,
        )

    @rule(days=st.integers(1, 400))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(family=FAMILIES, back=st.integers(5, 120), count=st.integers(1, 16), kind=st.sampled_from(Kind))
    def issue(self, family: tuple[str, str], back: int, count: int, kind: Kind) -> None:
        facts = issue_facts(
            on=self.today,
            kind=kind,
            sessions=sessions(self.today - timedelta(days=back), count),
            counted=count,
            below_threshold_reason="The local code allows it.",
            public_place=True,
            compulsory=(date(2015, 8, 31), date(2060, 6, 25)),
            la_checked=self.today,
            earlier=[notice for notice, _ in self.notices.get(family, [])],
        )
        if not why_not_issue(facts, self.readings):
            made = Notice(self.today, scheme=facts.scheme(self.readings), sessions=facts.sessions)
            self.notices.setdefault(family, []).append((made, facts.amount(self.readings)))

    @rule(family=FAMILIES, back=st.integers(0, 1500), scheme=st.sampled_from([Scheme.NATIONAL, Scheme.LOCAL]))
    def record_known(self, family: tuple[str, str], back: int, scheme: Scheme) -> None:
        known = Notice(self.today - timedelta(days=back), scheme=scheme, source=Source.LOCAL_AUTHORITY)
        if not why_not_record_known(known, [n for n, _ in self.notices.get(family, [])], self.readings):
            self.notices.setdefault(family, []).append((known, None))

    @rule(family=FAMILIES, which=st.integers(0, 9), verb=st.sampled_from(VERBS), ground=st.sampled_from(Ground))
    def act(self, family: tuple[str, str], which: int, verb: str, ground: Ground) -> None:
        own = self.notices.get(family, [])
        if which >= len(own):
            return
        notice, amount = own[which]
        period = period_of(amount or Amount(160), notice.issued)
        refused = {
            "withdraw": lambda: why_not_withdraw(notice.state, period, self.today, ground),
            "prosecute": lambda: why_not_prosecute(notice.state, period, self.today),
            "record_unpaid": lambda: why_not_record_unpaid(notice.state, period, self.today),
        }.get(verb, lambda: why_not(verb, notice.state))()
        if not refused:
            own[which] = (replace(notice, state=TRANSITIONS[notice.state][verb]), amount)

    @invariant()
    def no_third_in_three_years(self) -> None:
        schemes = {Scheme.NATIONAL, Scheme.LOCAL} if self.readings.count_old_notices else {Scheme.NATIONAL}
        for own in self.notices.values():
            days = sorted(n.issued for n, _ in own if n.state in COUNTING and n.scheme in schemes)
            for first, third in zip(days, days[2:], strict=False):
                assert third >= three_years_after(first)

    @invariant()
    def no_two_for_one_offence(self) -> None:
        for own in self.notices.values():
            for (one, _), (other, _) in combinations(own, 2):
                corrected = self.readings.reissue_after_withdrawal and State.WITHDRAWN in (one.state, other.state)
                assert corrected or one.kind is not other.kind or not one.sessions & other.sessions

    @invariant()
    def every_amount_is_in_the_table(self) -> None:
        for own in self.notices.values():
            for notice, amount in own:
                assert amount in KNOWN_AMOUNTS or notice.source is Source.LOCAL_AUTHORITY


TestSchool = School.TestCase
TestSchool.settings = settings(max_examples=60, stateful_step_count=40)
