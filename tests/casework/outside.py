"""`escalations` worked out a second time, from a school pack's files and the words of domain/policies.md alone.

Nothing of the product is imported: codes, ages, windows, runs, presets and rounding are written anew, one pupil, one
mark at a time, in the plainest way there is. `a_random_pack` writes packs that look for trouble.
"""

import csv
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

ATTENDING = {"/", "\\", "L", "K", "V", "P", "W", "B"}
AUTHORISED = {"C", "C1", "C2", "E", "I", "J1", "M", "R", "S", "T", "H", "F", "I01", "I02"}
UNAUTHORISED = {"G", "N", "O", "U"}
COVID = {f"X0{n}" for n in range(2, 10)}
ILLNESS = {"I", "I01", "I02"}
POSSIBLE = ATTENDING | AUTHORISED | UNAUTHORISED | COVID | {"J"}
NEW_CODES = date(2024, 8, 19)
DAY = timedelta(days=1)

PERCENT, MISSED, UNEXPLAINED = "attendance", "days missed", "unexplained"
RUN, WINDOW, LATE, ILL, SHARE = "unauthorised run", "window", "late", "ill", "share"
NATIONAL = ("National threshold", WINDOW, [("at_least", 10, "Consider penalty notice")])
SEVERE = ("Severe", PERCENT, [("at_most", 50, "Severely absent")])
# Ladder, measure, steps (comparison, threshold, name) in rising order; vulnerable pupils one step ahead where said.
PRESETS: dict[str, list[tuple]] = {
    "tiers": [
        ("Attendance", PERCENT, [("at_most", 95, "Tier 1"), ("at_most", 90, "Tier 2")]),
        ("Punctuality", LATE, [("at_least", 5, "Lateness letter")]),
        ("Unexplained", UNEXPLAINED, [("at_least", 1, "First day contact"), ("at_least", 5, "Telephone and letter"),
                                      ("at_least", 10, "Tell the local authority")]),
        SEVERE,
    ],
    "national": [
        ("Attendance", PERCENT, [("below", 90, "Contact parents"), ("at_most", 50, "Severely absent")]),
        ("Unexplained", UNEXPLAINED, [("at_least", 1, "First day call"), ("at_least", 2, "Call each day"),
                                      ("at_least", 5, "Consider welfare officer")]),
        NATIONAL,
        ("Illness", ILL, [("at_least", Fraction(11, 2), "Medical evidence may be asked for")]),
    ],
    "returns": [
        ("Unexplained", UNEXPLAINED, [("at_least", 1, "Telephone, email or text"),
                                      ("at_least", 2, "Emergency contacts, letter, home visit"),
                                      ("at_least", 10, "Local authority informed")]),
        ("Unauthorised", RUN, [("at_least", 10, "Attendance return")]),
        ("Illness", ILL, [("at_least", 15, "Sickness return")]),
        ("Attendance", PERCENT, [("at_most", 90, "Persistent absentee: support plan"),
                                 ("at_most", 50, "Severely absent")]),
        NATIONAL,
        ("Punctuality", LATE, [("at_least", 5, "Punctuality meeting")]),
    ],
    "days-missed": [
        ("Days missed", MISSED, [("at_least", 4, "Stage 1 letter"), ("at_least", 10, "Stage 2 letter"),
                                 ("at_least", 15, "Stage 3 letter and meeting"), ("at_least", 19, "Formal warning"),
                                 ("at_least", 30, "Legal intervention"),
                                 ("at_least", 47, "Safeguarding and senior leader meeting")]),
        ("Unexplained", UNEXPLAINED, [("at_least", 1, "Text, then call"), ("at_least", 2, "Home visit"),
                                      ("at_least", 5, "Child missing education referral")]),
        SEVERE,
    ],
    "day-by-day": [
        ("Unexplained", UNEXPLAINED, [("at_least", n, f"Day {n}") for n in (1, 2, 3, 4, 5, 7, 10)], "vulnerable ahead"),
        ("Attendance", PERCENT, [("below", 95, "Review"), ("below", 94, "Panel considered"),
                                 ("at_most", 90, "Persistent absentee"), ("at_most", 50, "Severely absent")]),
        ("Consult the attendance service", [(PERCENT, "below", 95), (SHARE, "at_least", 10)], None),
        NATIONAL,
    ],
}  # fmt: skip
HOLDS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "at_least": lambda value, threshold: value >= threshold,
    "below": lambda value, threshold: value < threshold,
    "at_most": lambda value, threshold: value <= threshold,
}


@dataclass
class Child:
    upn: str
    born: date
    vulnerable: bool
    spells: list[tuple[date, date]] = field(default_factory=list)
    marks: dict[tuple[date, str], str] = field(default_factory=dict)

    def on_roll(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.spells)

    def compulsory(self, day: date) -> bool:
        """From the 31 December, 31 March or 31 August on or after the fifth birthday to the last Friday in June."""
        fifth = _years_on(self.born, 5)
        ends = [date(year, month, 31) for year in (fifth.year, fifth.year + 1) for month in (3, 8, 12)]
        begins = min(end for end in ends if end >= fifth)
        school_year = self.born.year + (self.born >= date(self.born.year, 9, 1))
        last = date(school_year + 16, 6, 30)
        while last.weekday() != 4:
            last -= DAY
        return begins <= day <= last

    def counted(self, day: date, session: str) -> str:
        """The code of a session as it counts; "" for none, or not on roll."""
        code = self.marks.get((day, session), "")
        if not self.on_roll(day):
            return ""
        if code == "X" and date(2020, 9, 1) <= day <= date(2022, 8, 31) and self.compulsory(day):
            return "X02"
        return code


def _years_on(born: date, years: int) -> date:
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class OutsideSchool:
    """A pack as it is read here."""

    def __init__(self, folder: Path) -> None:
        self.half_terms: list[tuple[date, date]] = []
        held: dict[date, set[str]] = {}
        entries = [
            (date.fromisoformat(r["start"]), date.fromisoformat(r["end"]), r) for r in rows(folder / "calendar.csv")
        ]
        for start, end, row in entries:
            if row["kind"].startswith("HT"):
                self.half_terms.append((start, end))
                for n in range((end - start).days + 1):
                    if (start + n * DAY).weekday() < 5:
                        held[start + n * DAY] = {"AM", "PM"}
        for start, end, row in entries:
            if not row["kind"].startswith("HT"):
                for n in range((end - start).days + 1):
                    gone = {row["session"]} if row.get("session") else {"AM", "PM"}
                    held[start + n * DAY] = held.get(start + n * DAY, set()) - gone
        self.days = sorted(day for day, sessions in held.items() if sessions)
        self.children = {}
        for row in rows(folder / "pupils.csv"):
            vulnerable = row["social_worker"] or "Y" in (
                row["vulnerable"],
                row["child_protection"],
                row["looked_after"],
            )
            self.children[row["upn"]] = Child(row["upn"], date.fromisoformat(row["date_of_birth"]), bool(vulnerable))
        for row in [*rows(folder / "pupils.csv"), *rows(folder / "registrations.csv")]:
            last = date.fromisoformat(row["leaving_date"]) if row["leaving_date"] else date.max
            self.children[row["upn"]].spells.append((date.fromisoformat(row["admission_date"]), last))
        for row in rows(folder / "marks.csv"):
            self.children[row["upn"]].marks[date.fromisoformat(row["date"]), row["session"]] = row["code"]

    def escalations(self, preset: str, on: date) -> list[tuple[str, str, str, str]]:
        """(upn, ladder, step, value) as `manage.py escalations` should print them."""
        found = []
        for upn in sorted(self.children):
            child = self.children[upn]
            if not child.on_roll(on):
                continue
            values = self.measures(child, on)
            for name, measure, steps, *ahead in PRESETS[preset]:
                if steps is None:
                    if all(values[m] is not None and HOLDS[c](values[m], Fraction(t)) for m, c, t in measure):
                        found.append((upn, name, name, _said(values[measure[0][0]])))
                    continue
                value = values[measure]
                reached = [n for n, (c, t, _) in enumerate(steps) if value is not None and HOLDS[c](value, Fraction(t))]
                if reached:
                    index = max(reached)
                    if ahead and child.vulnerable:
                        index = min(index + 1, len(steps) - 1)
                    found.append((upn, name, steps[index][2], _said(value)))
        return found

    def measures(self, child: Child, on: date) -> dict[str, Fraction | None]:
        year = date(on.year if on.month >= 8 else on.year - 1, 8, 1)
        of_year = self._codes(child, year, on)
        attended = sum(code in ATTENDING or code == "J" for code in of_year)
        unauthorised = sum(code in UNAUTHORISED for code in of_year)
        absent = unauthorised + sum(code in AUTHORISED for code in of_year)
        possible = sum(code in POSSIBLE for code in of_year)
        begun = [start for start, _ in self.half_terms if start <= on]
        late = sum(code == "L" for code in self._codes(child, max(begun), on)) if begun else 0
        return {
            PERCENT: Fraction(attended * 100, possible) if possible else None,
            MISSED: Fraction(absent, 2),
            UNEXPLAINED: Fraction(self._run(child, {"N", "O"}, on)),
            RUN: Fraction(self._run(child, {"G", "N", "O", "U"}, on)),
            WINDOW: Fraction(self._window(child, on)),
            LATE: Fraction(late),
            ILL: Fraction(sum(code in ILLNESS for code in of_year), 2),
            SHARE: Fraction(unauthorised * 100, absent) if absent else None,
        }

    def _codes(self, child: Child, first: date, last: date) -> list[str]:
        days = [day for day in self.days if first <= day <= last]
        return [code for day in days for session in ("AM", "PM") if (code := child.counted(day, session))]

    def _run(self, child: Child, wanted: set[str], on: date) -> int:
        days = 0
        for day in reversed([day for day in self.days if day <= on and child.on_roll(day)]):
            possible = [c for session in ("AM", "PM") if (c := child.counted(day, session)) in POSSIBLE]
            if any(code not in wanted for code in possible):
                break
            days += bool(possible)
        return days

    def _window(self, child: Child, on: date) -> int:
        monday = on - timedelta(days=on.weekday())
        weeks = sorted({day - timedelta(days=day.weekday()) for day in self.days if day < monday + 7 * DAY})
        if not weeks:
            return 0
        first = weeks[-10:][0]
        days = [day for day in self.days if first <= day <= on and child.compulsory(day)]
        return sum(child.counted(day, session) in {"G", "O", "U"} for day in days for session in ("AM", "PM"))


def _said(value: Fraction) -> str:
    """At most two decimals, halves up, trailing zeros dropped."""
    hundredths = int(value * 100 + Fraction(1, 2))
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".")


# Packs that look for trouble

PUPIL_COLUMNS = [
    "upn",
    "former_upn",
    "legal_surname",
    "legal_forename",
    "middle_names",
    "preferred_surname",
    "preferred_forename",
    "date_of_birth",
    "sex",
    "year_group",
    "class_name",
    "admission_date",
    "leaving_date",
    "leaving_ground",
    "destination",
    "ethnicity",
    "first_language",
    "eal",
    "sen_status",
    "fsm",
    "fsm_ever6",
    "pupil_premium",
    "looked_after",
    "previously_looked_after",
    "adopted",
    "service_child",
    "young_carer",
    "social_worker",
    "child_protection",
    "youth_offending",
    "arp",
    "vulnerable",
    "medical_note",
    "boarder",
]
COLUMNS = {
    "pupils": PUPIL_COLUMNS,
    "registrations": ["upn", "admission_date", "leaving_date", "leaving_ground", "destination", "last_school"],
    "marks": ["upn", "date", "session", "code", "minutes_late", "note"],
    "contacts": ["upn", "priority", "forename", "surname"],
}
MIXES = ("/////L", "NNNNO", "NNO/", "GUON", "IIIIM/", "DDN", "XXN/", "LLLL/", "/O", "2345678", "CIU/")
LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def a_upn(number: int) -> str:
    digits = f"201123424{number:03}"
    check = sum(weight * int(digit) for weight, digit in enumerate(digits, 2)) % 23
    return LETTERS[check] + digits


def a_calendar(year: int) -> list[tuple[str, str, str, str, str]]:
    spans = [("09-03", "10-18"), ("11-04", "12-13"), ("01-06", "02-07"), ("02-24", "03-21"), ("04-22", "05-16"),
             ("06-09", "07-18")]  # fmt: skip
    return [
        (f"{year + (n > 2)}-{start}", f"{year + (n > 2)}-{end}", f"HT{n}", "", "")
        for n, (start, end) in enumerate(spans, 1)
    ] + [
        (f"{year}-09-03", f"{year}-09-03", "inset", "", ""),
        (f"{year}-11-18", f"{year}-11-22", "closure", "Boiler", ""),
        (f"{year}-12-11", f"{year}-12-11", "closure", "Half a day", "PM"),
        (f"{year + 1}-05-05", f"{year + 1}-05-05", "bank_holiday", "", ""),
    ]


def a_random_pack(folder: Path, seed: int, *, pupils: int, years: Iterable[int]) -> None:
    """A pack without its school.toml: terms over years, half days, both code sets, X of 2020-22, spells, ages."""
    chance = random.Random(seed)
    calendar = [row for year in years for row in a_calendar(year)]
    _write(folder / "calendar.csv", ["start", "end", "kind", "label", "session"], calendar)
    for name, columns in COLUMNS.items():
        _write(folder / f"{name}.csv", columns, [])
    days = OutsideSchool(folder).days
    held = {day: ("AM",) if f"{day}"[5:] == "12-11" else ("AM", "PM") for day in days}
    pupil_rows, spell_rows, mark_rows = [], [], []
    for number in range(pupils):
        upn = a_upn(number)
        born = date(chance.choice([2009, 2014, 2016, 2017]), chance.randint(1, 12), chance.randint(1, 28))
        spells = [(days[0] - DAY * chance.randint(0, 400), None)]
        if chance.random() < 0.35:
            left = chance.choice(days)
            back = left + DAY * chance.randint(1, 80)
            spells = (
                [(min(spells[0][0], left), left), (back, None)] if chance.random() < 0.7 else [(spells[0][0], left)]
            )
        facts = {
            "upn": upn, "legal_surname": f"Family{number}", "legal_forename": f"Given{number}",
            "date_of_birth": f"{born}", "sex": chance.choice("FM"), "year_group": "5", "class_name": "5A",
            "admission_date": f"{spells[-1][0]}", "leaving_date": f"{spells[-1][1] or ''}", "sen_status": "N",
            "vulnerable": chance.choice("YNNN"), "social_worker": chance.choice(["", "", "", "Worker A"]),
            "child_protection": chance.choice("YNNNN"), "looked_after": chance.choice("YNNNN"), "boarder": "N",
        }  # fmt: skip
        if spells[-1][1]:
            facts |= {"leaving_ground": "a", "destination": "Elm"}
        pupil_rows.append([facts.get(column, "") for column in PUPIL_COLUMNS])
        spell_rows += [(upn, f"{first}", f"{last}", "a", "Elm", "") for first, last in spells[:-1]]
        mix = chance.choice(MIXES)
        for day in days:
            if chance.random() < 0.02:
                mix = chance.choice(MIXES)
            if not any(first <= day and (last is None or day <= last) for first, last in spells):
                continue
            for session in held[day]:
                letter = _code(chance.choice(mix), day, session, Child(upn, born, vulnerable=False))
                if letter and chance.random() < 0.9:
                    mark_rows.append((upn, f"{day}", session, letter, "", ""))
    _write(folder / "pupils.csv", PUPIL_COLUMNS, pupil_rows)
    _write(folder / "registrations.csv", COLUMNS["registrations"], spell_rows)
    _write(folder / "marks.csv", COLUMNS["marks"], mark_rows)


def _code(letter: str, day: date, session: str, child: Child) -> str:
    """A code that may stand on that day: X for the young or of 2020-22, its sub-codes then only."""
    covid = date(2020, 9, 1) <= day <= date(2022, 8, 31)
    if letter == "/":
        return "/" if session == "AM" else "\\"
    if letter.isdigit():
        return f"X0{letter}" if covid else "I"
    if letter == "X" and not covid and child.compulsory(day):
        return "D"
    return letter


def _write(path: Path, columns: Iterable[str], lines: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([list(columns), *lines])
