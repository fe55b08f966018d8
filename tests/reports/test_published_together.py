"""An attack on everything that governors and a trust lead can ever take: pages of every range, and every report.

A school drawn at random comes and goes, changes and is ill for three half-terms. On the last evening of each the report
is made and every range of the governors' page is taken, as a file from the page. The attacker knows who is in which
group and when she was on roll. She must not be able to work out, by adding and subtracting whatever was published, nor
from what no count can be less or more than, a number of fewer than six pupils.

It shares with the product the names of the groups and nothing else: fractions, and sets made from the pupils' rows.
"""

import csv
import io
import random
import re
from collections import defaultdict
from datetime import date, datetime, time
from fractions import Fraction

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from attendance_mis.tenancy import acting_for
from registers import codes
from registers.models import CalendarEntry, Mark, Pupil, Registration, SchoolDay
from reports.actions.governor import make_governor_report
from reports.groups import label
from tests import factories

pytestmark = [pytest.mark.usefixtures("clock"), pytest.mark.long]
FEW = 6
GROUPS = [
    "sex:F", "sex:M", "sen:N", "sen:K", "sen:E", *(f"year:{n}" for n in (3, 4, 5)),
    *(f"{flag}:{said}" for flag in ("fsm", "fsm_ever6", "eal", "service_child") for said in ("yes", "no")),
    "ethnicity:WBRI", "ethnicity:BCRB", "ethnicity:APKN", "ethnicity:MOTH",
]  # fmt: skip
NAMES = {label((group,)): group for group in GROUPS} | {"All pupils": "", "all pupils": ""}
Session = tuple[int, str]  # a pupil and a half-term: the smallest thing that a sum of absence is made of


def is_in(pupil: Pupil, group: str) -> bool:
    family, _, value = group.partition(":")
    match family:
        case "":
            return True
        case "sex":
            return pupil.sex == value
        case "sen":
            return pupil.sen_status == value
        case "year":
            return pupil.year_group == value
        case "ethnicity":
            return pupil.ethnicity == value
    return getattr(pupil, family) is (value == "yes")


class School:
    """Sixty-odd children whose groups, days on roll and absence are drawn from a seed."""

    def __init__(self, cast, seed):
        self.cast, self.dice = cast, random.Random(seed)
        spans = CalendarEntry.objects.filter(kind__in=["HT1", "HT2", "HT3"], start__gte=date(2024, 8, 1))
        self.half_terms = {each.kind: (each.start, each.end) for each in spans}
        assert sorted(self.half_terms) == ["HT1", "HT2", "HT3"]
        _, pupils = factories.make_class(cast.school, "5C", 56)
        self.pupils = [*cast.pupils, *cast.other_pupils, *pupils]
        for pupil in self.pupils:
            self.draw(pupil, changed=False)
        for pupil, kind in zip(self.dice.sample(pupils, 12), ("HT1", "HT2") * 6, strict=True):
            end = self.half_terms[kind][1]
            come = self.dice.random() < 0.5
            Registration.objects.filter(pupil=pupil).update(
                **({"admission_date": end.replace(day=end.day - 2)} if come else {"leaving_date": end})
            )
        self.mark()

    def draw(self, pupil, *, changed):
        dice = self.dice
        if not changed:
            pupil.sex, pupil.year_group = dice.choice("FM"), dice.choice("345")
            pupil.ethnicity = dice.choices(["WBRI", "BCRB", "APKN", "MOTH"], [50, 20, 14, 8])[0]
        pupil.sen_status = dice.choices("NKE", [75, 16, 9])[0]
        pupil.fsm = dice.random() < 0.25
        pupil.fsm_ever6 = pupil.fsm or dice.random() < 0.08
        pupil.eal, pupil.service_child = dice.random() < 0.2, dice.random() < 0.08
        pupil.save()

    def change(self):
        """A few children get or lose a characteristic."""
        for pupil in self.dice.sample(self.pupils, 4):
            self.draw(pupil, changed=True)

    def mark(self):
        days = list(SchoolDay.objects.filter(day__range=(date(2024, 8, 1), self.half_terms["HT3"][1])))
        on_roll = {r.pupil_id: (r.admission_date, r.leaving_date or date.max) for r in Registration.objects.all()}
        marks = []
        for pupil in self.pupils:
            ill = self.dice.choice([0.01, 0.04, 0.06, 0.15, 0.3, 0.6])
            first, last = on_roll[pupil.pk]
            for each in days:
                if first <= each.day <= last:
                    letters = ("I", "I") if self.dice.random() < ill else ("/", "\\")
                    marks += [
                        Mark(school=self.cast.school, pupil=pupil, day=each.day, session=n + 1, entry_id=1,
                             code=codes.code_for(letter, each.day).number)
                        for n, letter in enumerate(letters)
                    ]  # fmt: skip
        Mark.objects.bulk_create(marks)
        self.seen = {
            kind: {mark.pupil_id for mark in marks if span[0] <= mark.day <= span[1]}
            for kind, span in self.half_terms.items()
        }
        self.possible, self.absent = defaultdict(int), defaultdict(int)
        for mark in marks:
            for kind, (first, last) in self.half_terms.items():
                if first <= mark.day <= last:
                    self.possible[mark.pupil_id, kind] += 1
                    self.absent[mark.pupil_id, kind] += mark.code in codes.ABSENT

    def members(self):
        return {group: {p.pk for p in self.pupils if is_in(p, group)} for group in ("", *GROUPS)}

    def sessions_of(self, ids, kinds):
        return frozenset((pupil, kind) for kind in kinds for pupil in ids & self.seen[kind])

    def persistent(self, kinds):
        def share(pupil):
            return sum(self.absent[pupil, k] for k in kinds), sum(self.possible[pupil, k] for k in kinds)

        sums = {p.pk: share(p.pk) for p in self.pupils}
        return {pupil for pupil, (absent, possible) in sums.items() if possible and absent * 10 >= possible}


class Published:
    """What was read on one evening: of which range and row which numbers."""

    def __init__(self, members):
        self.members = members
        self.attendance: set[tuple[tuple[str, ...], str]] = set()  # half-terms, group
        self.persistent: dict[tuple[tuple[str, ...], str], int] = {}

    def read_page(self, client, school, kinds_of):
        url = school.cast.url("figures/governors/")
        page = client.get(url).content.decode()
        for key in re.findall(r'<option value="(\S+?)"', page):
            kinds = kinds_of(key)
            if not kinds:
                continue
            answer = client.get(url, {"range": key, "file": "groups.csv"})
            for line in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))):
                group = NAMES.get(line["Group"])
                if group is None or line["Pupils"] == "hidden":
                    continue
                self.attendance.add((kinds, group))
                if line["Persistently absent"] != "hidden":
                    self.say(kinds, group, int(line["Persistently absent"].split()[0]))

    def read_report(self, client, school, report, kinds):
        where = [school.cast.school.urn, report.pk]
        file = client.get(reverse("reports:governor_report_file", args=[*where, "csv"])).content.decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(file)))
        spans = {"half_term": kinds[-1:], "year": kinds}
        for line in lines:
            group = NAMES.get(line["row"])
            if line["span"] not in spans or group is None or line["value"] == "hidden":
                continue
            if line["measure"] == "attendance":
                self.attendance.add((spans[line["span"]], group))
            if line["measure"] == "persistent pupils":
                self.say(spans[line["span"]], group, int(line["value"]))
        self.assert_same_everywhere(client, where, report, {line["value"] for line in lines})

    def say(self, kinds, group, number):
        assert self.persistent.setdefault((kinds, group), number) == number, f"two answers: {kinds} {group}"

    def assert_same_everywhere(self, client, where, report, values):
        """Page, PDF and workbook hold no count or share of a table that the CSV does not."""
        said = values | {word for value in values for word in re.findall(r"[\d.]+", value)}
        page = client.get(reverse("reports:see_governor_report", args=where)).content.decode()
        cells = re.findall(r'<td class="gr__num">([^<]*)</td>', page)
        assert cells
        assert {word for cell in cells for word in re.findall(r"[\d.]+", cell)} <= said
        text = " ".join(each.extract_text() for each in PdfReader(io.BytesIO(bytes(report.pdf))).pages)
        assert text.count("hidden") >= sum(cell == "hidden" for cell in cells)
        workbook = client.get(reverse("reports:governor_report_file", args=[*where, "xlsx"])).content
        rows = load_workbook(io.BytesIO(workbook)).active.iter_rows(min_row=2, values_only=True)
        assert {f"{row[-1]}" for row in rows if row[-1] is not None} <= {f"{value}" for value in values}


# The attack


class Span:
    """The sums and differences of some sets, exactly."""

    def __init__(self, sets):
        sets = list(dict.fromkeys(sets))
        alike = defaultdict(list)  # who stands in the same sets cannot be told apart: one column for them all
        for each in frozenset().union(*sets):
            alike[tuple(each in one for one in sets)].append(each)
        self.columns = [frozenset(each) for each in alike.values()]
        self.lead: dict[int, list[Fraction]] = {}
        for one in sets:
            row = self.reduced([Fraction(column <= one) for column in self.columns])
            place = next((n for n, number in enumerate(row) if number), None)
            if place is not None:
                self.lead[place] = [number / row[place] for number in row]

    def reduced(self, row):
        for place, lead in self.lead.items():
            if factor := row[place]:
                row = [a - factor * b for a, b in zip(row, lead, strict=True)]
        return row

    def holds(self, wanted):
        """Whether the sum over `wanted` follows from those over the sets."""
        inside = [column <= wanted for column in self.columns]
        if frozenset().union(*(c for c, is_in in zip(self.columns, inside, strict=True) if is_in)) != wanted:
            return False  # it parts children whom nothing published tells apart
        return not any(self.reduced([Fraction(each) for each in inside]))


def bounds(said, wanted):
    """The least and the most that can be counted in `wanted`, when each set of `said` holds so many."""
    sets = [*said, wanted]
    alike = defaultdict(set)
    for each in frozenset().union(*sets):
        alike[tuple(each in one for one in sets)].add(each)
    low, high = dict.fromkeys(alike, 0), {key: len(ids) for key, ids in alike.items()}
    parts = [([key for key in alike if key[n]], total) for n, total in enumerate(said.values())]
    changed = True
    while changed:
        changed = False
        for keys, total in parts:
            for key in keys:
                most = total - sum(low[each] for each in keys if each != key)
                least = total - sum(high[each] for each in keys if each != key)
                if most < high[key] or least > low[key]:
                    high[key], low[key], changed = min(most, high[key]), max(least, low[key]), True
    inside = [key for key in alike if key[-1]]
    return sum(low[key] for key in inside), sum(high[key] for key in inside)


def is_few(ids, rest):
    return 0 < len(ids) < FEW or 0 < len(rest) < FEW


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_small_number_follows_from_all_that_is_published(cast, clock, seed):
    school = School(cast, seed)
    governor, evenings = cast.client("governor"), []
    for number in (1, 2, 3):
        kinds = tuple(f"HT{n}" for n in range(1, number + 1))
        last = school.half_terms[kinds[-1]][1]
        clock.move_to(datetime.combine(last, time(19), tzinfo=factories.LONDON))
        ranges = {"year": kinds, "2024-Autumn-term": kinds[:2], "2024-Spring-term": kinds[2:]}
        ranges |= {f"2024-{kind}": (kind,) for kind in kinds}
        evening = Published(school.members())
        evening.read_page(governor, school, lambda key, ranges=ranges: ranges.get(key, ()))
        with acting_for(cast.school):
            report = make_governor_report(
                school=cast.school, academic_year=2024, half_term=number, by=cast.actor("head")
            )
        evening.read_report(governor, school, report, kinds)
        evening.read_page(governor, school, lambda key, ranges=ranges: ranges.get(key, ()))
        evenings.append((kinds, evening))
        school.change()

    sums = [
        school.sessions_of(evening.members[group], kinds)
        for _, evening in evenings
        for kinds, group in sorted(evening.attendance)
    ]
    assert len(sums) > 30, "there must be something to attack with"
    span, leaks, secrets = Span(sums), [], 0
    for kinds, evening in evenings:
        for asked in {kinds, *((kind,) for kind in kinds)}:
            everybody = school.sessions_of(evening.members[""], asked)
            for group in GROUPS:
                part = school.sessions_of(evening.members[group], asked)
                rest = everybody - part
                ids, others = {p for p, _ in part}, {p for p, _ in rest}
                if is_few(ids, others) and ids and others:
                    secrets += 1
                    if span.holds(part if len(ids) < FEW else rest):
                        leaks.append(f"attendance of {group} in {asked}, {len(ids)} of {len(ids | others)}")
    for kinds, evening in evenings:
        for asked in {kinds, *((kind,) for kind in kinds)}:
            here = {p for p, _ in school.sessions_of(evening.members[""], asked)}
            truth = school.persistent(asked)
            said = {
                frozenset(evening.members[group] & here): number
                for (days, group), number in evening.persistent.items()
                if days == asked
            }
            for (days, group), number in evening.persistent.items():
                if days == asked:
                    assert number == len(evening.members[group] & here & truth), "the figures themselves"
            for group in ("", *GROUPS):
                ids = frozenset(evening.members[group] & here)
                if not ids or not is_few(ids & truth, ids - truth) or not (ids & truth) or not (ids - truth):
                    continue
                secrets += 1
                least, most = bounds(said, ids)
                if least == most or (said and Span(said).holds(ids)):
                    leaks.append(f"persistent in {group}, {asked}: {len(ids & truth)} of {len(ids)}, {least} to {most}")
    assert secrets > 10
    assert leaks == []


def test_the_attack_finds_what_is_published_carelessly():
    """Two half-terms of a group, and the year with one child more: hers is the difference."""
    span = Span([frozenset({1, 2, 3, 4}), frozenset({1, 2}), frozenset({3})])
    assert span.holds(frozenset({4}))
    assert not span.holds(frozenset({1}))
    assert bounds({frozenset({1, 2, 3}): 3}, frozenset({1})) == (1, 1)
    assert bounds({frozenset({1, 2, 3}): 2}, frozenset({1})) == (0, 1)
