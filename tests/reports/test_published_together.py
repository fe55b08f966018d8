"""An attack on everything that governors and a trust lead can ever take, as one system.

A school drawn at random, with a year behind it, comes and goes, changes, is ill and worked with for three half-terms.
On the last evening of each the report is made and all that the two roles may open is read: every range of this year and
the last of the governors' page with its trend, casework by group, each report as page, PDF, CSV and workbook, and on
the Monday after the trust's page. The governors' page is read on two evenings before besides, and between all evenings
children come and leave.
`ATTACKED` and `HARMLESS` (test_open_to_governors.py) hold the list complete. The attacker knows who is in which group
and when she was on roll. She must not be able to work out a number of fewer than six pupils: the absence of so few by
adding and subtracting sums, over a range or over the days between two evenings; how many of a group were persistently
or severely absent, had a case, a plan or a letter, came late, or were helped, because in another world, one that gives
exactly what was published, that number is another; nor the absence for a reason that so few have.

Where children change group a report of each half-term is made on the Friday before its last week too.

One search is of sums: the reasons of a week add up to its absence. Four are of counts. Absence stands with cases, of
which the share reached tells; plans with cases, as no child has a plan without one. Lateness and letters stand alone:
nothing published counts them together with anything else.

It shares with the product the names of the groups and nothing else: exact sums, and sets made from the pupils' rows.
"""

import csv
import io
import os
import random
import re
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from itertools import combinations

import pytest
from django.urls import resolve, reverse
from django.utils import timezone
from lxml import html
from openpyxl import load_workbook
from pypdf import PdfReader

from attendance_mis.tenancy import acting_for
from casework.models import Case, Plan
from letters.models import Letter, LetterTemplate, TemplateVersion
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
PLANNED, REVIEWED, BETTER = "plan agreed", "plan reviewed", "better after a plan"
LETTER, LATE = "letter sent", "came late"
ABSENT = [frozenset(), frozenset({P}), frozenset({P, S})]
WORK = [frozenset(), frozenset({CASE, OPEN}), frozenset({CASE}), frozenset({CASE, IMPROVED})]
PLANS = [frozenset(), frozenset({PLANNED}), frozenset({REVIEWED}), frozenset({REVIEWED, BETTER})]
OF_PLANS = {PLANNED, REVIEWED, BETTER}
OF_ABSENCE = {P, S, NEEDING, REACHED}
LAST_YEAR = {"HT1": "last year's HT1", "HT2": "last year's HT2", "HT3": "last year's HT3"}
# Why: most are ill, some children for another reason, of which some are rare.
REASONS = {"M": 0.3, "O": 0.25, "G": 0.06, "C": 0.06, "T": 0.04}
KIND = {letter: "authorised" if letter in "IMCT" else "unauthorised" for letter in ("I", *REASONS)}
# In how many mornings of a hundred who comes late.
LATENESS = [[0, 0, 0, 1, 3], [0] * 15 + [9], [20, 30], [0, 2, 5]]
PARTS = (0, 1, 2)  # of a half-term: its first half, until the Friday before its last week, and that week
BY_FRIDAY = PARTS[:2]
RUNS = (PARTS, BY_FRIDAY, PARTS[1:], *((part,) for part in PARTS))  # of days that evenings tell apart
# The tables of a report's file whose numbers are the sums and counts of a group.
GROUPED = ("whole school", "years", "groups")
COUNTED = {"persistent pupils": P, "severe pupils": S}
CASEWORK_LINES = {
    "letters": LETTER, "cases begun": BEGUN, "plans agreed": PLANNED,
    "plans reviewed": REVIEWED, "better after a plan": BETTER, "open cases": OPEN,
}  # fmt: skip
# Numbers of a report's file that are no more than others that are attacked, and why.
EXCUSED = {
    **{(table, f"{kind} percent"): "the count beside it, of the cohort, who is known" for table in GROUPED
       for kind in ("persistent", "severe")},
    ("reasons", "percent"): "the days beside it, of sessions that are known",
    ("punctuality", "percent"): "the number beside it, of the sessions attended, which the attendance tells",
    ("punctuality", "hours"): "of the school, once for each half-term: no other number is of minutes",
    ("benchmarks", "attendance"): "of England and the authority, published by the Department for Education",
    ("benchmarks", "persistent percent"): "of England and the authority too",
}  # fmt: skip
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
        self.ends = {}  # the last days of the parts of each half-term of this year
        for kind in LAST_YEAR:
            first, last = self.half_terms[kind]
            friday = monday_of(last) - timedelta(3)
            half = monday_of(max(first + (last - first) / 2, date(2024, 10, 3))) + timedelta(4)  # the census is over
            assert first < half < friday < last
            self.ends[kind] = (half, friday, last)
        moving = self.dice.sample(pupils, 24)
        for pupil, kind in zip(moving[:12], ("HT1", "HT2") * 6, strict=True):
            end = self.half_terms[kind][1]
            self.move(pupil, end.replace(day=end.day - 2), end)
        for pupil, end in zip(moving[12:], [end for ends in self.ends.values() for end in ends[:2]] * 2, strict=True):
            self.move(pupil, end + timedelta(3), end)
        self.cases, self.plans, self.done, self.written = {}, {}, {}, defaultdict(set)
        self.other_dice = random.Random(f"work {seed}")  # its own, so that it draws no other school
        self.lateness = LATENESS[seed % len(LATENESS)]
        self.template = LetterTemplate.objects.create(school=cast.school, occasion="concern")
        self.version = TemplateVersion.objects.create(
            school=cast.school, template=self.template, number=1, subject="x", body="x", made_at=timezone.now(),
        )  # fmt: skip
        self.illness = ILLNESS[seed % len(ILLNESS)]
        self.mark()

    def move(self, pupil, first, last):
        """She comes on the one day, or leaves after the other."""
        days = {"admission_date": first} if self.dice.random() < 0.5 else {"leaving_date": last}
        Registration.objects.filter(pupil=pupil).update(**days)

    def part_of(self, kind, day):
        """Of last year nobody reads a part."""
        return sum(day > end for end in self.ends.get(kind, ())[:2])

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
        marks, dice = [], self.other_dice
        self.absent_for, self.late = defaultdict(set), defaultdict(set)
        for pupil in self.pupils:
            letter = next((why for why, share in REASONS.items() if dice.random() < share), "I")
            slow = dice.choice(self.lateness)
            ill = self.dice.choice(self.illness)
            first, last = on_roll[pupil.pk]
            for each in days:
                if first <= each.day <= last:
                    letters = (dice.choice(("I", letter)),) * 2 if self.dice.random() < ill else ("/", "\\")
                    if letters[0] == "/" and dice.random() * 100 < slow:
                        letters = ("L", "\\")
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
                    part = (kind, self.part_of(kind, mark.day))
                    self.seen[part].add(mark.pupil_id)
                    weeks[part, monday_of(mark.day)].add(mark.pupil_id)
                    self.possible[mark.pupil_id, kind] += 1
                    self.absent[mark.pupil_id, kind] += mark.code in codes.ABSENT
                    if mark.code in codes.ABSENT:
                        self.absent_for[(*part, codes.by_number(mark.code).letter)].add(mark.pupil_id)
                    elif mark.code in codes.LATE:
                        self.late[part].add(mark.pupil_id)
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
        self.agree(kinds[-1], last)

    def agree(self, kind, last):
        """Plans of a half-term before are reviewed, new cases get one, and parents are written to."""
        dice, done = self.other_dice, defaultdict(set)
        for pupil_id, plan in list(self.plans.items()):
            if dice.random() < 0.8:
                del self.plans[pupil_id]
                better = dice.random() < 0.5
                plan.is_reviewed, plan.was_held, plan.reviewed_on = True, True, last
                plan.before_possible = plan.after_possible = 20
                plan.before_attended, plan.after_attended = 10, 15 if better else 5
                plan.save()
                done[REVIEWED].add(pupil_id)
                done[BETTER] |= {pupil_id} if better else set()
        for case in Case.objects.filter(opened_on=last).order_by("pk"):
            if dice.random() < 0.7:
                done[PLANNED].add(case.pupil_id)
                self.plans[case.pupil_id] = Plan.objects.create(
                    school=self.cast.school, case=case, starts=last, review_on=last + timedelta(30),
                    made_at=timezone.now(),
                )  # fmt: skip
        self.done[kind] = done
        self.write(kind, last, dice.choice([0, 0.02, 0.1]))

    def write(self, kind, day, share):
        """To the parents of some."""
        here = self.on_roll(day)
        for pupil in [each for each in self.pupils if each.pk in here and self.other_dice.random() < share]:
            self.written[kind, self.part_of(kind, day)].add(pupil.pk)
            Letter.objects.create(
                school=self.cast.school, pupil=pupil, template=self.template, version=self.version,
                occasion="concern", why="x", state="approved", dated=day,
                queued_at=timezone.now(), decided_at=timezone.now(),
            )  # fmt: skip

    def on_roll(self, day):
        return frozenset(Pupil.objects.on_roll(day).values_list("pk", flat=True))

    def seen_in(self, kinds):
        return frozenset().union(*(self.seen[kind, part] for kind in kinds for part in PARTS))

    def sessions_of(self, ids, kinds, parts=PARTS):
        """The smallest things that sums of absence are made of: a pupil in a part of a half-term."""
        return frozenset((p, kind, part) for kind in kinds for part in parts for p in ids & self.seen[kind, part])

    def reasons_of(self, kind, letters=KIND, parts=PARTS):
        """The smallest things that sums of reasons are made of: a reason in a part of a half-term."""
        return frozenset(("reason", kind, part, letter) for part in parts for letter in letters)

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
        self.of_kind = defaultdict(list)  # what was said of lateness and letters, by half-term

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

    def say_sum(self, group, kinds, parts=PARTS):
        """Over half-terms, and these parts of the last."""
        whole = self.school.sessions_of(self.members[group], kinds[:-1])
        self.sums.add(whole | self.school.sessions_of(self.members[group], kinds[-1:], parts))

    def say(self, label, group, kinds, number):
        assert self.numbers.setdefault((label, group, kinds), number) == number, f"two answers: {label} {group} {kinds}"
        self.said[kinds].append(exactly(self.ids(group, kinds), label, number))

    def read_figures(self, ranges, now=None, parts=PARTS):
        """`parts` of the half-term `now` are over; of a range that ends in it sums are read, and no count."""
        url = self.school.cast.url("figures/governors/")
        for key in re.findall(r'<option value="(\S+?)"', self.get(url).content.decode()):
            if not (kinds := ranges.get(key)):
                continue
            page = html.fromstring(self.get(url, range=key).content)
            rows = [[cell.text_content().strip() for cell in row] for row in page.xpath('//*[@id="groups"]/tbody/tr')]
            rows = [cells for cells in rows if len(cells) > 1]
            over = parts if kinds[-1] == now else PARTS
            if key == "year":
                assert [row[0] for row in rows] == [line["Group"] for line in self.lines(url, "groups", range=key)]
            for name, pupils, _, _, persistent, severe in rows:
                if (group := NAMES.get(name)) is None or pupils == HIDDEN:
                    continue
                self.say_sum(group, kinds, over)
                for label, number in ((P, persistent), (S, severe)):
                    if number != HIDDEN and over == PARTS:
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
                self.say_sum("", (kind,), (self.school.part_of(kind, monday),))
                return
        raise AssertionError(name)

    def read_casework(self, kinds):
        url = self.school.cast.url("figures/governors/casework/")
        if "casework.csv" not in self.get(url).content.decode():
            return  # nobody has a case
        for line in self.lines(url, "casework"):
            if (group := CASEWORK.get(line["Group"])) is None:
                continue
            ids = self.ids(group, kinds)
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

    def read_report(self, report, kinds, parts=PARTS):
        where = [self.school.cast.school.urn, report.pk]
        file = self.get(reverse("reports:governor_report_file", args=[*where, "csv"])).content.decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(file)))
        for line in lines:
            if (line["table"], line["measure"]) not in EXCUSED and line["value"] not in ("", HIDDEN):
                self.read_line(kinds, parts, **line)
        page = self.get(reverse("reports:see_governor_report", args=where)).content.decode()
        self.read_reasons(kinds[-1], parts, [line for line in lines if line["table"] == "reasons"], page)
        if parts == PARTS:  # a report half-way is drawn as the others are
            self.assert_same_everywhere(page, where, report, {line["value"] for line in lines})

    def read_line(self, kinds, parts, table, row, span, measure, value):
        """A number of a report's file. `parts` of its half-term were over when it was made."""
        spans = {"half_term": kinds[-1:], "year": kinds}
        of = spans.get(span) or of_last_year(spans.get(span.removesuffix("_before"), ()))
        parts_of = parts if span in spans else PARTS
        if table in GROUPED and measure in ("attendance", "days", "pupils"):
            if row in NAMES:
                self.say_sum(NAMES[row], of, parts_of)
        elif table in GROUPED and measure in COUNTED:
            if row in NAMES and parts_of == PARTS:
                self.say(COUNTED[measure], NAMES[row], of, int(value))
        elif (table, measure) == ("trend", "attendance"):
            kind = row if span == "now" else LAST_YEAR[row]
            self.say_sum("", (kind,), parts if kind == kinds[-1] else PARTS)
        elif (table, measure) == ("reasons", "days"):
            pass  # `read_reasons`: what stands together is known by what stands alone
        elif (table, row, measure) == ("punctuality", "late", "late"):
            self.sums.add(self.school.reasons_of(kinds[-1], [LATE], parts))
        elif (table, row, measure) == ("punctuality", "late", "pupils"):
            self.say_kind(LATE, kinds[-1], parts, value)
        elif (table, row, measure) == ("casework", "letters", "pupils"):
            self.say_kind(LETTER, kinds[-1], parts, value)
        elif table == "casework" and row in CASEWORK_LINES and measure == "pupils":
            if parts == PARTS:  # in the last week alone are cases opened and plans agreed here
                self.said[kinds].append(within(self.ids("", kinds), CASEWORK_LINES[row], value))
        else:
            raise AssertionError(f"nobody attacks {table}, {row}, {measure}: {value}")

    def say_kind(self, label, kind, parts, value):
        """Of everybody in a half-term, or in the parts of it that were over."""
        self.of_kind[label, kind].append(within(self.ids("", (kind,)), said_by(label, parts), value))

    def read_reasons(self, kind, parts, lines, page):
        """Days of absence by reason. Of a kind that has a line every reason without one stands among the others, or
        nobody has it.
        """
        names = {f"{codes.code_for(letter, date(2024, 9, 2)).short} ({KIND[letter]})": letter for letter in KIND}
        alone = {names[line["row"]] for line in lines if line["row"] in names}
        for of_kind in ("authorised", "unauthorised"):
            here = {letter for letter in KIND if KIND[letter] == of_kind}
            others = any(line["row"] == f"Other reasons ({of_kind})" for line in lines)
            sets = [*([letter] for letter in here & alone)]
            sets += [here - alone] if others else [[letter] for letter in here - alone] if lines else []
            self.sums |= {self.school.reasons_of(kind, letters, parts) for letters in sets}
            if re.search(rf"{of_kind} absence (?:was )?[\d.]+ per cent", page, re.IGNORECASE):
                self.sums.add(self.school.reasons_of(kind, here, parts))
        others = {f"Other reasons ({of_kind})" for of_kind in KIND.values()}
        assert {line["row"] for line in lines} <= names.keys() | others

    def assert_same_everywhere(self, page, where, report, values):
        """Page, PDF and workbook hold no count or share of a table that the CSV does not."""
        said = values | {word for value in values for word in re.findall(r"[\d.]+", value)}
        cells = re.findall(r'<td class="gr__num">([^<]*)</td>', page)
        assert cells
        assert {word for cell in cells for word in re.findall(r"[\d.]+", cell)} <= said
        assert set(re.findall(r"\b(\d+ to \d+) (?:pupils|plans|of them|have)", page)) <= values
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


def said_by(label, parts=PARTS):
    """What is so of a pupil; before the last week of the half-term, or at all."""
    return label if parts == PARTS else f"{label} by Friday"


def share_of(ids, percent):
    """Of those who need it so many per cent were reached, to the nearest ten, halves up."""

    def fits(part, whole):
        return whole and (part * 20 + whole) // (whole * 2) * 10 == percent

    return Said(ids, (REACHED, NEEDING), fits, f"{percent} %")


def of_last_year(kinds):
    return tuple(LAST_YEAR[kind] for kind in kinds)


def is_few(part, whole):
    return part < FEW or whole - part < FEW


def report_of(school, cast, clock, number, day):
    clock.move_to(datetime.combine(day, time(19), tzinfo=factories.LONDON))
    with acting_for(cast.school):
        return make_governor_report(school=cast.school, academic_year=2024, half_term=number, by=cast.actor("head"))


def reader(school, cast, clock, number, *, twice):
    """All that is published on the last evening of a half-term, and the trust's page on the Monday after."""
    kinds = tuple(f"HT{n}" for n in range(1, number + 1))
    last = school.half_terms[kinds[-1]][1]
    friday = school.ends[kinds[-1]][1]
    school.write(kinds[-1], friday, school.other_dice.choice([0.03, 0.15, 0.6, 0.97]))
    ranges = {"year": kinds, "2024-Autumn-term": kinds[:2], "2024-Spring-term": kinds[2:]}
    ranges |= {f"2024-{kind}": (kind,) for kind in kinds}
    ranges |= {f"2023-{kind}": of_last_year([kind]) for kind in LAST_YEAR}
    ranges |= {"2023-Autumn-term": of_last_year(["HT1", "HT2"]), "2023-Spring-term": of_last_year(["HT3"])}
    ranges |= {"2023-year": of_last_year(LAST_YEAR)}
    evening = Published(school, cast.client)
    this_year = {key: of for key, of in ranges.items() if not key.startswith("2023")}
    for part, end in enumerate(school.ends[kinds[-1]][:2]):
        clock.move_to(datetime.combine(end, time(18), tzinfo=factories.LONDON))
        evening.clients.clear()
        evening.read_figures(this_year, kinds[-1], PARTS[: part + 1])
    sooner = report_of(school, cast, clock, number, friday) if twice else None
    school.work(kinds, last)
    clock.move_to(datetime.combine(last, time(19), tzinfo=factories.LONDON))
    evening.clients.clear()
    evening.read_figures(ranges)
    if sooner:
        evening.read_report(sooner, kinds, parts=BY_FRIDAY)
    evening.read_report(report_of(school, cast, clock, number, last), kinds)
    evening.read_figures(ranges)
    evening.read_casework(kinds)
    clock.move_to(datetime.combine(last + timedelta(days=7 - last.weekday()), time(9), tzinfo=factories.LONDON))
    evening.read_trust(kinds)
    return kinds, evening


def sums_that_follow(school, evenings):
    """The absence of fewer than six pupils, or of all but so few, that all the sums together give away."""
    everybody = frozenset().union(*school.members.values())
    known = Sums(
        {each for _, evening in evenings for each in evening.sums},
        [
            (school.reasons_of(kind, parts=[part]), school.sessions_of(everybody, [kind], [part]))
            for kind in school.half_terms if kind not in LAST_YEAR.values() for part in PARTS
        ],
    )  # fmt: skip
    yield from reasons_that_follow(school, known)
    asked = {(of, PARTS) for kinds, _ in evenings for of in (kinds, kinds[-1:], of_last_year(kinds))}
    asked |= {(of_last_year([kind]), PARTS) for kind in LAST_YEAR} | {
        ((kind,), run) for kind in LAST_YEAR for run in RUNS
    }
    for kinds, parts in sorted(asked):
        everybody = frozenset().union(*(school.seen[kind, part] for kind in kinds for part in parts))
        for group in GROUPS:
            ids = everybody & school.members[group]
            for few in (ids, everybody - ids):
                if 0 < len(few) < FEW:
                    follows = known.give(school.sessions_of(few, kinds, parts))
                    yield follows, f"absence of {group} in {kinds} {parts}: {len(few)}"


def reasons_that_follow(school, known):
    """The absence for reasons of a kind, or the lateness, of fewer than six pupils, in a half-term or a part of it."""
    for kind in LAST_YEAR:
        for parts in RUNS:
            for of_kind in set(KIND.values()):
                letters = [letter for letter in KIND if KIND[letter] == of_kind]
                for some in (some for size in range(1, 1 + len(letters)) for some in combinations(letters, size)):
                    ids = {each for part in parts for letter in some for each in school.absent_for[kind, part, letter]}
                    if 0 < len(ids) < FEW:
                        follows = known.give(school.reasons_of(kind, some, parts))
                        yield follows, f"absence for {some} in {kind} {parts}: {len(ids)}"
            late = {each for part in parts for each in school.late[kind, part]}
            if 0 < len(late) < FEW:
                yield known.give(school.reasons_of(kind, [LATE], parts)), f"lateness in {kind} {parts}: {len(late)}"


def world_of(school, evenings, asked):
    """How it was with each pupil in these half-terms and on their evening, how else it could be, what was said."""
    [(cases, before)] = [(evening.cases, evening.before) for kinds, evening in evenings if kinds == asked] or [({}, {})]
    ways = [*WORK, *(work | {BEFORE} for work in WORK[1:] if before)]

    def whole(absent, case):
        found = {*absent, *case}
        found |= {NEEDING} if P in absent else set()
        found |= {REACHED} if {NEEDING, CASE} <= found else set()
        return frozenset(found | ({BEGUN} if CASE in case and BEFORE not in case else set()))

    def true_of(pupil):
        earlier = {BEFORE} if pupil in before else set()
        return whole(school.state(pupil, asked), cases.get(pupil, WORK[0]) | earlier)

    return World(
        {pupil: true_of(pupil) for pupil in sorted(school.seen_in(asked))},  # as they were made, whatever their keys
        lambda pupil: [whole(absent, case) for absent in ABSENT for case in ways],
        [each for _, evening in evenings for each in evening.said.get(asked, ()) if not OF_PLANS & {*each.labels}],
    )


def plans_that_follow(school, evenings):
    """For how many of a group a plan was agreed, reviewed, or followed by more attendance."""
    for kinds, evening in evenings:
        done = school.done[kinds[-1]]

        def whole(case, plan):
            begun = {BEGUN} if CASE in case and BEFORE not in case else set()
            return frozenset({*case, *plan, *begun})

        def true_of(pupil, evening=evening, done=done):
            case = evening.cases.get(pupil, WORK[0]) | ({BEFORE} if pupil in evening.before else set())
            return whole(case, {label for label, ids in done.items() if pupil in ids})

        ways = [*WORK, *(work | {BEFORE} for work in WORK[1:] if evening.before)]
        states = [whole(case, plan) for case in ways for plan in (PLANS if CASE in case else PLANS[:1])]
        world = World(
            {pupil: true_of(pupil) for pupil in sorted(school.seen_in(kinds))},
            lambda pupil, states=states: states,
            [each for _, other in evenings for each in other.said[kinds] if not OF_ABSENCE & {*each.labels}],
        )
        secrets = [(PLANNED, CASE), (REVIEWED, CASE), (BETTER, REVIEWED), (OPEN, CASE)]
        yield from asked_of(world, ((label, outer, group, evening.ids(group, kinds)) for group in ("", *GROUPS)
                                    for label, outer in secrets), kinds)  # fmt: skip


def alone_that_follow(school, evenings):
    """How many of a group came late, or were written to about; by the Friday before the last week, and since."""
    for kind in LAST_YEAR:
        seen = school.seen_in([kind])
        for label, ids_of in ((LATE, school.late), (LETTER, school.written)):
            sooner, since = said_by(label, BY_FRIDAY), f"{label} since"
            states = [frozenset(), frozenset({label, sooner}), frozenset({label, since})]
            by_friday = ids_of[kind, 0] | ids_of[kind, 1]
            truth = {
                pupil: states[1 if pupil in by_friday else 2 if pupil in ids_of[kind, 2] else 0]
                for pupil in sorted(seen)
            }
            said = [each for _, evening in evenings for each in evening.of_kind[label, kind]]
            world = World(truth, lambda pupil, states=states: states, said)
            groups = [(group, school.members[group] & seen) for group in ("", *GROUPS)]
            yield from asked_of(
                world, ((each, None, group, ids) for group, ids in groups for each in (label, since)), kind
            )


def asked_of(world, secrets, when):
    """Of each number that is few, or all but few: whether it follows."""
    for label, outer, group, ids in secrets:
        part = sum(label in world.truth[pupil] for pupil in ids)
        among = sum(outer in world.truth[pupil] for pupil in ids) if outer else len(ids)
        if among and is_few(part, among):
            yield not world.another(ids, label), f"{label} in {group or 'the school'}, {when}: {part} of {among}"


def counts_that_follow(school, evenings):
    """How many of a group are persistently absent, have a case ..., fewer than six or all but so few."""
    for asked in sorted({key for _, evening in evenings for key in evening.said if "HT4" not in key}):
        world = world_of(school, evenings, asked)
        secrets = set()
        for kinds, evening in evenings:
            for group in ("", *GROUPS):
                ids = evening.ids(group, asked)
                secrets |= {(label, outer, group, ids) for label, outer in ((P, None), (S, None), (S, P))}
                if kinds == asked:
                    work = ((CASE, None), (BEGUN, None), (IMPROVED, CASE), (REACHED, NEEDING))
                    secrets |= {(label, outer, group, ids) for label, outer in work}
        yield from asked_of(world, secrets, asked)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("changing", [False, True], ids=["same groups", "changing groups"])
def test_no_small_number_follows_from_all_that_is_published(cast, clock, seed, changing):
    school = School(cast, seed)
    evenings = []
    for number in (1, 2, 3):
        before = dict(school.cases)
        kinds, evening = reader(school, cast, clock, number, twice=changing)
        evening.cases, evening.before = dict(school.cases), before
        evenings.append((kinds, evening))
        if changing:
            school.change()
    assert all(evening.opened == set(ATTACKED) for _, evening in evenings), "each page and file is read"
    sums = [*sums_that_follow(school, evenings)]
    counts = [*counts_that_follow(school, evenings)]
    others = [*plans_that_follow(school, evenings), *alone_that_follow(school, evenings)]
    read = {each for _, evening in evenings for each in evening.sums}
    for year in ({*LAST_YEAR}, {*LAST_YEAR.values()}):
        assert sum({of[1] for of in each} <= year for each in read) > 30, "there must be something to read"
    assert len(sums) > 5
    assert len(counts) > 100
    assert len(others) > 100
    assert [said for follows, said in (*sums, *counts, *others) if follows] == []
