"""An attack on everything that governors and a trust lead can ever take, as one system.

A school drawn at random, with a year behind it, comes and goes, changes, is ill and worked with for three half-terms.
On the last evening of each the report is made and all that the two roles may open is read: every range of this year and
the last of the governors' page with its trend, casework by group, each report as page, PDF, CSV and workbook, and on
the Monday after the trust's page.
`ATTACKED` and `HARMLESS` (test_open_to_governors.py) hold the list complete. The attacker knows who is in which group
and when she was on roll. She must not be able to work out a number of fewer than six pupils: the absence of so few by
adding and subtracting sums, however many evenings lie between them; how many of a group were persistently or severely
absent, had a case, or were helped, because in another world, one that gives exactly what was published, that number is
another.

It shares with the product the names of the groups and nothing else: exact sums, and sets made from the pupils' rows.
"""

import csv
import io
import os
import random
import re
from collections import defaultdict
from datetime import date, datetime, time, timedelta

import pytest
from django.urls import resolve, reverse
from django.utils import timezone
from lxml import html
from openpyxl import load_workbook
from pypdf import PdfReader

from attendance_mis.tenancy import acting_for
from casework.models import Case
from registers import codes
from registers.calendar_rules import monday_of
from registers.models import CalendarEntry, FormerFacts, Mark, Pupil, Registration, SchoolDay
from reports.actions.governor import make_governor_report
from reports.groups import label as label_of
from tests import factories
from tests.reports.attack import Said, Sums, World, exactly
from tests.reports.test_open_to_governors import ATTACKED

pytestmark = [pytest.mark.usefixtures("clock"), pytest.mark.long]
FEW = 6
SEEDS = range(1, 1 + int(os.environ.get("ATTACK_SEEDS", "3")))
GROUPS = [
    "sex:F", "sex:M", "sen:N", "sen:K", "sen:E", *(f"year:{n}" for n in (3, 4, 5)),
    *(f"{flag}:{said}" for flag in ("fsm", "fsm_ever6", "eal", "service_child") for said in ("yes", "no")),
    "ethnicity:WBRI", "ethnicity:BCRB", "ethnicity:APKN", "ethnicity:MOTH",
]  # fmt: skip
NAMES = {label_of((group,)): group for group in GROUPS} | {"All pupils": "", "all pupils": ""}
# As the page of casework says them.
CASEWORK = {
    "All pupils": "", "Sex: Girls": "sex:F", "Sex: Boys": "sex:M",
    **{f"Special educational needs: {said}": f"sen:{value}" for value, said in
       (("N", "None"), ("K", "SEN support"), ("E", "EHC plan"))},
    **{f"{said}: {answer}": f"{family}:{answer.lower()}" for answer in ("Yes", "No") for family, said in
       (("fsm", "Free school meals"), ("eal", "English as an additional language"))},
}  # fmt: skip
HIDDEN = "hidden"
P, S, CASE, OPEN, IMPROVED, NEEDING, REACHED = (
    "persistently absent", "severely absent", "with a case", "case is open", "improved", "needing", "reached",
)  # fmt: skip
BEFORE, BEGUN = "with a case the evening before", "case begun since"
ABSENT = [frozenset(), frozenset({P}), frozenset({P, S})]
WORK = [frozenset(), frozenset({CASE, OPEN}), frozenset({CASE}), frozenset({CASE, IMPROVED})]
LAST_YEAR = {"HT1": "last year's HT1", "HT2": "last year's HT2", "HT3": "last year's HT3"}
# How ill children are: of all sorts; well, or not there at all; one in ten, and hardly ever for longer.
ILLNESS = [[0.01, 0.04, 0.06, 0.15, 0.3, 0.6], [0.01, 0.03, 0.05, 0.7], [0.01, 0.03, 0.08, 0.12]]


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
        spans = CalendarEntry.objects.filter(kind__in=LAST_YEAR, start__gte=date(2023, 8, 1))
        self.half_terms = {
            each.kind if each.start >= date(2024, 8, 1) else LAST_YEAR[each.kind]: (each.start, each.end)
            for each in spans
        }
        assert self.half_terms.keys() == {*LAST_YEAR, *LAST_YEAR.values()}
        _, pupils = factories.make_class(cast.school, "5C", 56)
        self.pupils = [*cast.pupils, *cast.other_pupils, *pupils]
        for pupil in self.pupils:
            self.draw(pupil)
            pupil.year_group = self.dice.choice("345")
            pupil.save()
        FormerFacts.objects.all().delete()  # so from the start
        self.members = {group: frozenset(p.pk for p in self.pupils if is_in(p, group)) for group in ("", *GROUPS)}
        for pupil, kind in zip(self.dice.sample(pupils, 12), ("HT1", "HT2") * 6, strict=True):
            end = self.half_terms[kind][1]
            come = self.dice.random() < 0.5
            Registration.objects.filter(pupil=pupil).update(
                **({"admission_date": end.replace(day=end.day - 2)} if come else {"leaving_date": end})
            )
        self.cases = {}
        self.illness = ILLNESS[seed % len(ILLNESS)]
        self.mark()

    def draw(self, pupil):
        dice = self.dice
        pupil.sex = dice.choice("FM")
        pupil.ethnicity = dice.choices(["WBRI", "BCRB", "APKN", "MOTH"], [50, 20, 14, 8])[0]
        pupil.sen_status = dice.choices("NKE", [75, 16, 9])[0]
        pupil.fsm = dice.random() < 0.25
        pupil.fsm_ever6 = pupil.fsm or dice.random() < 0.08
        pupil.eal, pupil.service_child = dice.random() < 0.2, dice.random() < 0.08

    def change(self):
        """A few children get or lose a characteristic; what is published knows them as they were on the census day."""
        for pupil in self.dice.sample(self.pupils, 4):
            self.draw(pupil)
            pupil.changed_at = timezone.now()
            pupil.save()

    def mark(self):
        held = SchoolDay.objects.filter(day__range=(date(2023, 8, 1), self.half_terms["HT3"][1]))
        days = [each for each in held if any(a <= each.day <= b for a, b in self.half_terms.values())]
        on_roll = {r.pupil_id: (r.admission_date, r.leaving_date or date.max) for r in Registration.objects.all()}
        marks = []
        for pupil in self.pupils:
            ill = self.dice.choice(self.illness)
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
        self.seen, self.possible, self.absent = defaultdict(set), defaultdict(int), defaultdict(int)
        weeks = defaultdict(set)
        for mark in marks:
            for kind, (first, last) in self.half_terms.items():
                if first <= mark.day <= last:
                    part = (kind, mark.day >= monday_of(last))
                    self.seen[part].add(mark.pupil_id)
                    weeks[part, monday_of(mark.day)].add(mark.pupil_id)
                    self.possible[mark.pupil_id, kind] += 1
                    self.absent[mark.pupil_id, kind] += mark.code in codes.ABSENT
        assert all(ids == self.seen[part] for (part, _), ids in weeks.items()), "weeks of a part are alike"

    def work(self, kinds, last):
        """Cases are opened for many who need one and some who do not, and some are closed."""
        here = self.on_roll(last) - self.cases.keys()
        for pupil in [each for each in self.pupils if each.pk in here]:
            if self.dice.random() < (0.5 if self.state(pupil.pk, kinds) else 0.1):
                self.cases[pupil.pk] = WORK[1]
                Case.objects.create(
                    school=self.cast.school, pupil=pupil, state="opened", opened_on=last, concern="x",
                    lead=self.cast.people["manager"], baseline_attended=0, baseline_absent=0, baseline_possible=0,
                )  # fmt: skip
        for pupil_id in [each for each, state in self.cases.items() if OPEN in state]:
            if self.dice.random() < 0.5:
                self.cases[pupil_id] = self.dice.choice(WORK[2:])
                outcome = "improved" if IMPROVED in self.cases[pupil_id] else "other"
                Case.objects.filter(pupil=pupil_id).update(state="closed", closed_on=last, outcome=outcome)

    def on_roll(self, day):
        return frozenset(Pupil.objects.on_roll(day).values_list("pk", flat=True))

    def seen_in(self, kinds):
        return frozenset().union(*(self.seen[kind, part] for kind in kinds for part in (False, True)))

    def sessions_of(self, ids, kinds, parts=(False, True)):
        """The smallest things that sums of absence are made of: a pupil in a part of a half-term."""
        return frozenset((p, kind, part) for kind in kinds for part in parts for p in ids & self.seen[kind, part])

    def state(self, pupil, kinds):
        """Whether she was persistently, and severely, absent."""
        absent, possible = (sum(of[pupil, kind] for kind in kinds) for of in (self.absent, self.possible))
        if not possible:
            return frozenset()
        return frozenset({P} if absent * 10 >= possible else ()) | ({S} if absent * 2 >= possible else frozenset())


class Published:
    """What was read on one evening."""

    def __init__(self, school, client_of):
        self.school, self.members = school, school.members
        self.clients, self.client_of = {}, client_of
        self.opened = set()
        self.sums = set()
        self.said = defaultdict(list)  # by half-terms
        self.numbers = {}

    def get(self, url, role="governor", **query):
        self.opened.add(resolve(url).view_name)
        if role not in self.clients:
            self.clients[role] = self.client_of(role)  # signs in when she reads: a session ends overnight
        answer = self.clients[role].get(url, query)
        assert answer.status_code == 200
        return answer

    def lines(self, url, table, role="governor", **query):
        """A table of a page, as its file."""
        file = self.get(url, role, **query, file=f"{table}.csv").content.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(file)))

    def ids(self, group, kinds):
        return self.members[group] & self.school.seen_in(kinds)

    def say_sum(self, group, kinds, parts=(False, True)):
        self.sums.add(self.school.sessions_of(self.members[group], kinds, parts))

    def say(self, label, group, kinds, number):
        assert self.numbers.setdefault((label, group, kinds), number) == number, f"two answers: {label} {group} {kinds}"
        self.said[kinds].append(exactly(self.ids(group, kinds), label, number))

    def read_figures(self, ranges):
        url = self.school.cast.url("figures/governors/")
        for key in re.findall(r'<option value="(\S+?)"', self.get(url).content.decode()):
            if not (kinds := ranges.get(key)):
                continue
            page = html.fromstring(self.get(url, range=key).content)
            rows = [[cell.text_content().strip() for cell in row] for row in page.xpath('//*[@id="groups"]/tbody/tr')]
            rows = [cells for cells in rows if len(cells) > 1]
            if key == "year":
                assert [row[0] for row in rows] == [line["Group"] for line in self.lines(url, "groups", range=key)]
            for name, pupils, _, _, persistent, severe in rows:
                if (group := NAMES.get(name)) is None or pupils == HIDDEN:
                    continue
                self.say_sum(group, kinds)
                for label, number in ((P, persistent), (S, severe)):
                    if number != HIDDEN:
                        self.say(label, group, kinds, int(number.split()[0]))
            for row in page.xpath('//table[contains(@id, "attendance-by-week")]/tbody/tr'):
                name, number, *_ = (cell.text_content().strip() for cell in row)
                if number[:1].isdigit():
                    self.say_week(name, 2023 if kinds[0] in LAST_YEAR.values() else 2024)

    def say_week(self, name, year):
        """Everybody in a week: "9 Sep"."""
        day, month = name.split()
        year += month not in "Sep Oct Nov Dec"
        monday = datetime.strptime(f"{day} {month} {year}", "%d %b %Y").date()  # noqa: DTZ007
        for kind, (first, last) in self.school.half_terms.items():
            if monday_of(first) <= monday <= last:
                self.say_sum("", (kind,), (monday == monday_of(last),))
                return
        raise AssertionError(name)

    def read_casework(self, kinds, day):
        on_roll = self.school.on_roll(day)
        url = self.school.cast.url("figures/governors/casework/")
        if "casework.csv" not in self.get(url).content.decode():
            return  # nobody has a case
        for line in self.lines(url, "casework"):
            if (group := CASEWORK.get(line["Group"])) is None:
                continue
            ids = self.members[group] & on_roll
            later = (*kinds, f"HT{len(kinds) + 1}")
            if line["Pupils with a case"] != HIDDEN:
                self.said[later].append(within(ids, BEFORE, line["Pupils with a case"]))
            assert int(line["Pupils"]) == len(ids)
            for label, column in ((CASE, "Pupils with a case"), (IMPROVED, "Closed as improved")):
                if line[column] != HIDDEN:
                    self.said[kinds].append(within(ids, label, line[column]))
            share = next(value for column, value in line.items() if column.endswith("reached"))
            if share != HIDDEN:
                self.said[kinds].append(share_of(ids, int(re.search(r"\d+", share)[0])))

    def read_trust(self, kinds):
        """Once the holidays have begun the trust's page is of the year so far too."""
        [ours] = [
            line for line in self.lines(f"/trust/{self.school.cast.school.trust_id}/", "schools", "trust_lead")
            if line["School"] == self.school.cast.school.name
        ]  # fmt: skip
        if ours["Pupils"] != HIDDEN:
            self.say_sum("", kinds)
        for label, column in ((P, "Persistently absent"), (S, "Severely absent")):
            if ours[column] != HIDDEN:
                self.say(label, "", kinds, int(ours[column].split()[0]))

    def read_report(self, report, kinds):
        where = [self.school.cast.school.urn, report.pk]
        file = self.get(reverse("reports:governor_report_file", args=[*where, "csv"])).content.decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(file)))
        spans = {"half_term": kinds[-1:], "year": kinds}
        spans |= {f"{name}_before": of_last_year(of) for name, of in spans.items()}
        for line in lines:
            if line["table"] == "trend" and line["value"]:
                self.say_sum("", (line["row"] if line["span"] == "now" else LAST_YEAR[line["row"]],))
            group = NAMES.get(line["row"])
            if line["span"] not in spans or group is None or line["value"] == HIDDEN:
                continue
            of = spans[line["span"]]
            if line["measure"] in ("attendance", "days", "pupils"):
                self.say_sum(group, of)
            for label, measure in ((P, "persistent pupils"), (S, "severe pupils")):
                if line["measure"] == measure:
                    self.say(label, group, of, int(line["value"]))
        page = self.get(reverse("reports:see_governor_report", args=where)).content.decode()
        if found := re.search(r"and (\d+) have an open case", page):
            self.said[kinds].append(exactly(self.ids("", kinds), OPEN, int(found[1])))
        self.assert_same_everywhere(page, where, report, {line["value"] for line in lines})

    def assert_same_everywhere(self, page, where, report, values):
        """Page, PDF and workbook hold no count or share of a table that the CSV does not."""
        said = values | {word for value in values for word in re.findall(r"[\d.]+", value)}
        cells = re.findall(r'<td class="gr__num">([^<]*)</td>', page)
        assert cells
        assert {word for cell in cells for word in re.findall(r"[\d.]+", cell)} <= said
        text = " ".join(each.extract_text() for each in PdfReader(io.BytesIO(bytes(report.pdf))).pages)
        assert text.count("hidden") >= sum(cell == "hidden" for cell in cells)
        assert bytes(report.pdf) == self.get(reverse("reports:governor_report_pdf", args=where)).content
        workbook = self.get(reverse("reports:governor_report_file", args=[*where, "xlsx"])).content
        rows = load_workbook(io.BytesIO(workbook)).active.iter_rows(min_row=2, values_only=True)
        assert {f"{row[-1]}" for row in rows if row[-1] is not None} <= {f"{value}" for value in values}


# The attack


def within(ids, label, band):
    """Between two numbers: "6 to 10"; or the one."""
    least, most = (int(number) for number in (band.split(" to ") * 2)[:2])
    return Said(ids, (label,), lambda found: least <= found <= most, band)


def share_of(ids, percent):
    """Of those who need it so many per cent were reached, to the nearest ten, halves up."""

    def fits(part, whole):
        return whole and (part * 20 + whole) // (whole * 2) * 10 == percent

    return Said(ids, (REACHED, NEEDING), fits, f"{percent} %")


def of_last_year(kinds):
    return tuple(LAST_YEAR[kind] for kind in kinds)


def is_few(part, whole):
    return part < FEW or whole - part < FEW


def reader(school, cast, clock, number):
    """All that is published on the last evening of a half-term, and the trust's page on the Monday after."""
    kinds = tuple(f"HT{n}" for n in range(1, number + 1))
    last = school.half_terms[kinds[-1]][1]
    school.work(kinds, last)
    clock.move_to(datetime.combine(last, time(19), tzinfo=factories.LONDON))
    ranges = {"year": kinds, "2024-Autumn-term": kinds[:2], "2024-Spring-term": kinds[2:]}
    ranges |= {f"2024-{kind}": (kind,) for kind in kinds}
    ranges |= {f"2023-{kind}": of_last_year([kind]) for kind in LAST_YEAR}
    ranges |= {"2023-Autumn-term": of_last_year(["HT1", "HT2"]), "2023-Spring-term": of_last_year(["HT3"])}
    ranges |= {"2023-year": of_last_year(LAST_YEAR)}
    evening = Published(school, cast.client)
    evening.read_figures(ranges)
    with acting_for(cast.school):
        report = make_governor_report(school=cast.school, academic_year=2024, half_term=number, by=cast.actor("head"))
    evening.read_report(report, kinds)
    evening.read_figures(ranges)
    evening.read_casework(kinds, last)
    clock.move_to(datetime.combine(last + timedelta(days=7 - last.weekday()), time(9), tzinfo=factories.LONDON))
    evening.read_trust(kinds)
    return kinds, last, evening


def sums_that_follow(school, evenings):
    """The absence of fewer than six pupils, or of all but so few, that all the sums together give away."""
    known = Sums({each for _, _, evening in evenings for each in evening.sums})
    for kinds, _, evening in evenings:
        for asked in {of for now in (kinds, *((kind,) for kind in kinds)) for of in (now, of_last_year(now))}:
            everybody = evening.ids("", asked)
            for group in GROUPS:
                ids = evening.ids(group, asked)
                for few in (ids, everybody - ids):
                    if 0 < len(few) < FEW:
                        yield known.give(school.sessions_of(few, asked)), f"absence of {group} in {asked}: {len(few)}"


def world_of(school, evenings, asked):
    """How it was with each pupil in these half-terms and on their evening, how else it could be, what was said."""
    [(last, cases, before)] = [
        (last, evening.cases, evening.before) for kinds, last, evening in evenings if kinds == asked
    ] or [(None, {}, {})]
    on_roll = school.on_roll(last) if last else frozenset()
    ways = [*WORK, *(work | {BEFORE} for work in WORK[1:] if before)]

    def whole(pupil, absent, case):
        found = {*absent, *case}
        found |= {NEEDING} if P in absent and pupil in on_roll else set()
        found |= {REACHED} if {NEEDING, CASE} <= found else set()
        return frozenset(found | ({BEGUN} if CASE in case and BEFORE not in case else set()))

    def true_of(pupil):
        earlier = {BEFORE} if pupil in before else set()
        return whole(pupil, school.state(pupil, asked), cases.get(pupil, WORK[0]) | earlier)

    return World(
        {pupil: true_of(pupil) for pupil in sorted(school.seen_in(asked))},  # as they were made, whatever their keys
        lambda pupil: [whole(pupil, absent, case) for absent in ABSENT for case in ways],
        [each for _, _, evening in evenings for each in evening.said.get(asked, ())],
    ), on_roll


def counts_that_follow(school, evenings):
    """How many of a group are persistently absent, have a case ..., fewer than six or all but so few."""
    for asked in sorted({key for _, _, evening in evenings for key in evening.said if "HT4" not in key}):
        world, on_roll = world_of(school, evenings, asked)
        secrets = set()
        for kinds, _, evening in evenings:
            for group in ("", *GROUPS):
                ids = evening.ids(group, asked)
                secrets |= {(label, outer, group, ids) for label, outer in ((P, None), (S, None), (S, P))}
                if kinds == asked:
                    work = ((CASE, None), (BEGUN, None), (IMPROVED, CASE), (REACHED, NEEDING))
                    secrets |= {(label, outer, group, ids & on_roll) for label, outer in work}
        for label, outer, group, ids in secrets:
            part = sum(label in world.truth[pupil] for pupil in ids)
            among = sum(outer in world.truth[pupil] for pupil in ids) if outer else len(ids)
            if among and is_few(part, among):
                yield not world.another(ids, label), f"{label} in {group or 'the school'}, {asked}: {part} of {among}"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("changing", [False, True], ids=["same groups", "changing groups"])
def test_no_small_number_follows_from_all_that_is_published(cast, clock, seed, changing):
    school = School(cast, seed)
    evenings = []
    for number in (1, 2, 3):
        before = dict(school.cases)
        kinds, last, evening = reader(school, cast, clock, number)
        evening.cases, evening.before = dict(school.cases), before
        evenings.append((kinds, last, evening))
        if changing:
            school.change()
    assert all(evening.opened == set(ATTACKED) for _, _, evening in evenings), "each page and file is read"
    sums = [*sums_that_follow(school, evenings)]
    counts = [*counts_that_follow(school, evenings)]
    read = {each for _, _, evening in evenings for each in evening.sums}
    for year in ({*LAST_YEAR}, {*LAST_YEAR.values()}):
        assert sum({kind for _, kind, _ in each} <= year for each in read) > 30, "there must be something to read"
    assert len(sums) > 5
    assert len(counts) > 100
    assert [said for follows, said in (*sums, *counts) if follows] == []
