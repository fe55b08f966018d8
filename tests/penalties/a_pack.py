"""A school pack made at random around everything the threshold turns on; the same seed gives the same pack."""

import csv
from datetime import date, timedelta
from pathlib import Path
from random import Random

from registers.upn import check_letter
from tests.packs import ALL_THROUGH
from tests.penalties.calculator import compulsory

CALENDAR = (
    "2024-04-15,2024-05-24,HT5,,", "2024-06-03,2024-07-19,HT6,,", "2024-09-04,2024-10-25,HT1,,",
    "2024-11-04,2024-12-20,HT2,,", "2025-01-06,2025-02-14,HT3,,", "2025-02-24,2025-04-04,HT4,,",
    "2025-04-22,2025-05-23,HT5,,", "2025-06-02,2025-07-18,HT6,,", "2024-09-04,2024-09-04,inset,Training,",
    "2024-11-18,2024-11-22,closure,Boiler,", "2025-05-05,2025-05-05,bank_holiday,May,",
    # A week of one morning is a school week, a week of none is not.
    "2025-01-06,2025-01-06,closure,Flood,PM", "2025-01-07,2025-01-10,closure,Flood,",
)  # fmt: skip
DATES = tuple(
    map(date.fromisoformat, ("2024-04-14", "2024-06-28", "2024-09-01", "2024-09-27", "2025-01-12", "2025-02-19",
                             "2025-06-28"))
)  # fmt: skip
"""Before the first session, the last Friday in June, a holiday, two years in one window, after the week of one morning,
a half-term, and the day after compulsory age has ended for the oldest."""
PUPILS = ("upn,legal_surname,legal_forename,date_of_birth,sex,year_group,class_name,admission_date,leaving_date,"
          "leaving_ground,destination,boarder")  # fmt: skip
BORN = ("2019-06-10", "2020-02-29", "2019-12-31", "2020-01-01", "2008-08-31", "2008-09-01", "2009-08-31", "2009-09-01")
"""Compulsory age begins or ends for each of them while the pack runs; beside them children well within it."""


def sessions() -> list[tuple[date, str]]:
    """The school's sessions, as the calendar above makes them."""
    is_open: dict[tuple[date, str], bool] = {}
    for line in CALENDAR:
        start, end, kind, _, half = line.split(",")
        day = date.fromisoformat(start)
        while day <= date.fromisoformat(end):
            for each in ("AM", "PM"):
                if half in ("", each) and (day.weekday() < 5):
                    is_open[day, each] = kind.startswith("HT")
            day += timedelta(days=1)
    return sorted(slot for slot, yes in is_open.items() if yes)


def write_pack(folder: Path, seed: int) -> Path:
    """Sixteen children with up to forty sessions of every code that matters, some of whom left."""
    random, slots = Random(seed), sessions()
    count_n = "true" if seed % 2 else "false"
    school = ALL_THROUGH.replace("count_n = false", f"count_n = {count_n}")
    (folder / "school.toml").write_text(school, encoding="utf-8")
    (folder / "calendar.csv").write_text(
        "start,end,kind,label,session\n" + "\n".join(CALENDAR) + "\n", encoding="utf-8"
    )
    (folder / "contacts.csv").write_text("upn,priority,surname\n", encoding="utf-8")
    pupils, marks = [PUPILS.split(",")], [["upn", "date", "session", "code"]]
    for n in range(16):
        digits = f"2011234{24:02}{n:03}"
        upn = check_letter(digits) + digits
        born = date.fromisoformat(BORN[n]) if n < len(BORN) else date(random.randint(2010, 2016), 5, 5)
        left = random.choice([date(2024, 11, 15), date(2025, 2, 14)]) if n % 5 == 4 else None
        pupils.append([
            upn, f"Child{n}", "Any", f"{born}", "F", "R" if born.year > 2018 else "5", "5A", "2024-01-08",
            f"{left or ''}", "a" if left else "", "", "Y" if n % 4 == 0 else "N",
        ])  # fmt: skip
        begins, ends = compulsory(born)
        letters = "N" if n == 9 else "GOUN" if n % 3 else "OUICD"
        busy = random.sample(slots, random.randint(60, 160))
        for day, half in sorted(busy):
            if left and day > left:
                continue
            letter = random.choice(letters + ("" if begins <= day <= ends else "X"))
            marks.append([upn, f"{day}", half, letter])
    for name, table in (("pupils", pupils), ("marks", marks)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(table)
    return folder
