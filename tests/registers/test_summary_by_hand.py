"""`attendance_summary` against a second calculator that shares nothing with the product: letters and days by hand.

Packs at random, each across a change of rules (19 August 2024, or X of 2020-22), with leavers and those who came back,
half days closed, boarders, children under 5 and over 15, and classes by date. They go in as packs go in, and the
answer of the command is compared byte for byte. `BY_HAND_SEEDS=100` tries more of them.
"""

import csv
import io
import os
import random
from collections import defaultdict
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command

from registers.upn import make_upn
from tests.factories import LONDON
from tests.packs import ALL_THROUGH

pytestmark = pytest.mark.django_db

A_DAY = timedelta(1)
# What the letters mean, typed from the guidance, by the day of the session.
OLD = {"attended": "/ \\ L B J P V W", "authorised": "C E F H I I01 I02 M R S T", "unauthorised": "G N O U",
       "covid": "X02 X03 X04 X05 X06 X07 X08 X09", "none": "D X X01 Y"}  # fmt: skip
NEW = {"attended": "/ \\ L K V P W B", "authorised": "C C1 C2 E I J1 M R S T", "unauthorised": "G N O U", "covid": "",
       "none": "D Q X Y1 Y2 Y3 Y4 Y5 Y6 Y7"}  # fmt: skip
CONTACTS = (
    "upn,priority,title,forename,surname,relationship,parental_responsibility,lives_with_pupil,address_1,address_2,"
    "town,postcode,mobile,home_phone,work_phone,email,receives_letters,language,notes"
)
SWITCH = date(2024, 8, 19)
FLAGS = ["fsm", "fsm_ever6", "pupil_premium", "looked_after", "previously_looked_after", "adopted", "service_child",
         "eal", "young_carer", "arp"]  # fmt: skip
HALF_TERMS = [("HT1", (9, 2), 45), ("HT2", (11, 1), 44), ("HT3", (1, 4), 38), ("HT4", (2, 20), 35),
              ("HT5", (4, 14), 35), ("HT6", (6, 2), 48)]  # fmt: skip
YEARS = ["N1", "N2", "R", *map(str, range(1, 15))]


def meaning(letter, day, compulsory):
    if letter == "X" and date(2020, 9, 1) <= day <= date(2022, 8, 31) and compulsory:
        return "covid"
    letters = OLD if day < SWITCH else NEW
    return next(name for name, held in letters.items() if letter in held.split())


def compulsory_age(born):
    """From the prescribed day at or after the fifth birthday to the last Friday in June of the school year of 16."""
    try:
        fifth = born.replace(year=born.year + 5)
    except ValueError:
        fifth = date(born.year + 5, 3, 1)
    prescribed = [date(y, m, d) for y in (fifth.year, fifth.year + 1) for m, d in ((3, 31), (8, 31), (12, 31))]
    start = min(day for day in prescribed if day >= fifth)
    end = date(born.year + 16 + (born.month >= 9), 6, 30)
    while end.weekday() != 4:
        end -= A_DAY
    return start, end


class Pack:
    """A random school, and what it should say of itself."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.first_year = self.dice.choice([2019, 2020, 2021, 2023, 2023])
        self.calendar, self.sessions = self._calendar()
        self.pupils = [self._pupil(n) for n in range(self.dice.randint(6, 14))]

    def _calendar(self):
        spans, cuts = [], []
        for year in (self.first_year, self.first_year + 1):
            for kind, (month, day), length in HALF_TERMS:
                start = date(year + (month < 8), month, day) + timedelta(self.dice.randint(0, 4))
                spans.append((start, start + timedelta(length), kind))
        days = {s + timedelta(n) for s, e, _ in spans for n in range((e - s).days + 1)}
        held = sorted(d for d in days if d.weekday() < 5)
        sessions = {(d, s) for d in held for s in ("AM", "PM")}
        for day in self.dice.sample(held, 14):
            kind = self.dice.choice(["inset", "closure", "closure", "bank_holiday"])
            half = self.dice.choice(["", "AM", "PM"]) if kind != "bank_holiday" else ""
            cuts.append((day, day, kind, half))
            sessions -= {(day, s) for s in ([half] if half else ["AM", "PM"])}
        return [(*span, "") for span in spans] + cuts, sorted(sessions)

    def _pupil(self, n):
        dice, days = self.dice, sorted({d for d, _ in self.sessions})
        year = dice.choice(YEARS)
        age = YEARS.index(year) + 2
        born = date(self.first_year + 1 - age, 9, 1) - timedelta(dice.choice([0, 1, 2, 30, 200, 364]))
        cuts = sorted(dice.sample(days[5:-5], dice.choice([0, 0, 1, 2, 3])))
        bounds = [days[0] - timedelta(dice.randint(0, 90)), *cuts, None]
        spells = [(a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=False) if b is None or a < b]
        if len(bounds) % 2:
            spells.append((bounds[-2] + A_DAY, None) if dice.random() < 0.5 and bounds[-2] else spells.pop())
        spells = [(max(a, born + timedelta(365)), b) for a, b in spells]
        spells = [(a, b) for n, (a, b) in enumerate(spells) if (b is None or a < b) and (not n or a > spells[n - 1][1])]
        start, end = compulsory_age(born)
        marks = {}
        for day, session in self.sessions:
            if not any(a <= day and (b is None or day <= b) for a, b in spells) or dice.random() < 0.15:
                continue
            letters = " ".join((OLD if day < SWITCH else NEW).values()).split()
            letter = dice.choice(["/", "/", "/", "I", "O", "L", dice.choice(letters), dice.choice(letters)])
            if letter in "/\\":
                letter = "/" if session == "AM" else "\\"
            pandemic = date(2020, 9, 1) <= day <= date(2022, 8, 31)
            if letter == "X" and start <= day <= end and not pandemic:
                letter = "C"
            if letter in ("X01", *OLD["covid"].split(), "I01", "I02") and not date(2020, 9, 1) <= day <= date(
                2022, 3, 31
            ):
                letter = "I"
            if letter == "F":
                letter = "H"
            marks[day, session] = letter
        moves = sorted(dice.sample(days[10:-10], dice.choice([0, 1, 2])))
        starts = [spells[0][0], *[m for m in moves if m > spells[0][0]]]
        classes = [
            (a, b - A_DAY if b else None, dice.choice("ABC") + "1")
            for a, b in zip(starts, [*starts[1:], None], strict=True)
        ]
        flags = {flag: dice.choice(["Y", "N", ""]) for flag in FLAGS}
        return {
            "upn": make_upn(201, 1234, 20, n + 1), "born": born, "year": year, "spells": spells, "marks": marks,
            "compulsory": (start, end), "sex": dice.choice("FM"), "sen": dice.choice(["N", "K", "E", ""]),
            "ethnicity": dice.choice(["", "White British", "Indian"]), "boarder": dice.choice(["Y", "N", ""]),
            "social_worker": dice.choice(["", "Ms S"]), "classes": classes, **flags,
        }  # fmt: skip

    def write(self, folder):
        def put(name, head, rows):
            with (folder / name).open("w", newline="") as file:
                csv.writer(file).writerows([head.split(","), *rows])

        (folder / "school.toml").write_text(ALL_THROUGH)
        put(
            "calendar.csv",
            "start,end,kind,label,session",
            [(a, b, kind, "", half) for a, b, kind, half in self.calendar],
        )
        put("contacts.csv", CONTACTS, [])
        head = ["upn", "former_upn", "legal_surname", "legal_forename", "middle_names", "preferred_surname",
                "preferred_forename", "date_of_birth", "sex", "year_group", "class_name", "admission_date",
                "leaving_date", "leaving_ground", "destination", "ethnicity", "first_language", "sen_status",
                "social_worker", "child_protection", "youth_offending", "vulnerable", "medical_note", "boarder",
                *FLAGS]  # fmt: skip
        put("pupils.csv", ",".join(head), [
            [p["upn"], "", "Sur", "Fore", "", "", "", p["born"], p["sex"], p["year"], p["classes"][-1][2],
             p["spells"][-1][0], p["spells"][-1][1] or "", "a" if p["spells"][-1][1] else "", "", p["ethnicity"], "",
             p["sen"], p["social_worker"], "", "", "", "", p["boarder"], *(p[f] for f in FLAGS)]
            for p in self.pupils])  # fmt: skip
        put("registrations.csv", "upn,admission_date,leaving_date,leaving_ground,destination,last_school",
            [(p["upn"], a, b, "a", "", "") for p in self.pupils for a, b in p["spells"][:-1]])  # fmt: skip
        put("classes.csv", "upn,class_name,start,end",
            [(p["upn"], name, a, b or "") for p in self.pupils for a, b, name in p["classes"]])  # fmt: skip
        put("marks.csv", "upn,date,session,code,minutes_late,note",
            [(p["upn"], d, s, letter, "", "")
             for p in self.pupils for (d, s), letter in sorted(p["marks"].items())])  # fmt: skip

    # The second calculator

    def summary(self, first, last, by):
        rows = [row for p in self.pupils if (row := self._row(p, first, last))]
        rows.sort(key=lambda row: row["upn"])
        counts = "possible,attended,late,authorised,unauthorised,unmarked,attendance_percent"
        if by == "pupil":
            lines = [f"upn,{counts},persistent,severe"]
            for row in rows:
                absent, possible = row["authorised"] + row["unauthorised"], row["possible"]
                marks = ["Y" if absent * k >= possible else "N" for k in (10, 2)] if possible else ["", ""]
                lines.append(",".join([row["upn"], *self._counts([row]), *marks]))
            return "\n".join(lines) + "\n"
        shares = "persistent_pupils,persistent_percent,severe_pupils,severe_percent"
        lines = [f"group,pupils,{counts},{shares}"]
        for each in by.split(","):
            groups = defaultdict(list)
            for row in rows:
                for name in row["groups"][each]:
                    groups[name].append(row)
            for name in sorted(groups, key=lambda name: self._place(each, name)):
                lines.append(
                    ",".join([name, str(len(groups[name])), *self._counts(groups[name]), *self._shares(groups[name])])
                )
        return "\n".join(lines) + "\n"

    def _row(self, pupil, first, last):
        def on_roll(day):
            return any(a <= day and (b is None or day <= b) for a, b in pupil["spells"])

        expected = [(d, s) for d, s in self.sessions if first <= d <= last and on_roll(d)]
        if not expected:
            return None
        row = dict.fromkeys(("attended", "late", "authorised", "unauthorised", "covid", "none", "unmarked"), 0)
        for day, session in expected:
            letter = pupil["marks"].get((day, session))
            if letter is None:
                row["unmarked"] += 1
                continue
            start, end = pupil["compulsory"]
            row[meaning(letter, day, start <= day <= end)] += 1
            row["late"] += letter == "L"
        row["possible"] = row["attended"] + row["authorised"] + row["unauthorised"] + row["covid"]
        until = last
        while not on_roll(until):
            until -= A_DAY
        held = [(a, name) for a, _, name in pupil["classes"] if a <= until][-1]
        behind = self._academic(pupil["classes"][-1][0]) - self._academic(held[0])
        year = YEARS[max(YEARS.index(pupil["year"]) - behind, 0)]
        september = self._academic(first)
        age = september - pupil["born"].year - ((pupil["born"].month, pupil["born"].day) > (8, 31))
        groups = ["all", f"sex:{pupil['sex']}"] + [f"sen:{pupil['sen']}"] * bool(pupil["sen"])
        groups += [flag for flag in FLAGS if pupil[flag] == "Y"] + ["social_worker"] * bool(pupil["social_worker"])
        groups += [f"ethnicity:{pupil['ethnicity']}"] * bool(pupil["ethnicity"])
        return row | {
            "upn": pupil["upn"], "cohort": 5 <= age <= 15 and pupil["boarder"] != "Y",
            "groups": {"pupil": [pupil["upn"]], "year": [year], "class": [held[1]], "group": groups},
        }  # fmt: skip

    def _academic(self, day):
        return day.year if day.month >= 8 else day.year - 1

    def _place(self, by, name):
        if by == "year":
            return YEARS.index(name)
        if by != "group":
            return name
        order = ["all", "sex:F", "sex:M", "sen:N", "sen:K", "sen:E", *FLAGS, "social_worker"]
        return (order.index(name), "") if name in order else (len(order), name)

    def _counts(self, rows):
        names = ("possible", "attended", "late", "authorised", "unauthorised", "unmarked")
        total = {name: sum(row[name] for row in rows) for name in names}
        return [*(str(total[name]) for name in names), percent(total["attended"], total["possible"])]

    def _shares(self, rows):
        counted = [row for row in rows if row["cohort"] and row["possible"]]
        found = []
        for times in (10, 2):
            long = sum((row["authorised"] + row["unauthorised"]) * times >= row["possible"] for row in counted)
            found += [str(long), percent(long, len(counted))]
        return found


def percent(part, whole):
    """One decimal, halves up, in whole tenths."""
    if not whole:
        return ""
    tenths, rest = divmod(part * 1000, whole)
    tenths += 2 * rest >= whole
    return f"{tenths // 10}.{tenths % 10}"


@pytest.mark.parametrize("seed", range(int(os.environ.get("BY_HAND_SEEDS", "1"))))
def test_the_command_says_what_the_second_calculator_says(tmp_path, seed):
    pack = Pack(seed)
    pack.write(tmp_path)
    with time_machine.travel(datetime(2026, 9, 1, 12, tzinfo=LONDON)):
        call_command("import_school", str(tmp_path), stdout=io.StringIO())
    edge, days = pack.dice, sorted({d for d, _ in pack.sessions})
    ranges = [(days[0], days[-1]), (SWITCH - timedelta(60), SWITCH + timedelta(60))]
    ranges += [sorted([edge.choice(days), edge.choice(days) + timedelta(edge.randint(0, 3))]) for _ in range(4)]
    for first, last in ranges:
        for by in ("pupil", "pupil,year,class,group"):
            out = io.StringIO()
            call_command(
                "attendance_summary", "--school=123456", f"--from={first}", f"--to={last}", f"--by={by}", stdout=out
            )
            assert out.getvalue() == pack.summary(first, last, by), (seed, first, last, by)
