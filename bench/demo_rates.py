"""How near the demonstration is to England: `python -m bench.demo_rates [FILE]` prints the table of docs/demo.md.

Counts the marks of the demonstration in the database and puts them beside the national row for primary schools of a
file of the DfE's daily attendance data (default: ../shared/data/dfe_ytd_2025_26.csv).
"""

import csv
import os
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import django

NATIONAL_FILE = Path(__file__).parents[2] / "shared" / "data" / "dfe_ytd_2025_26.csv"
# Reason of the national file: our letters. N is a share of O here: a school decides it within days.
REASONS = {
    "illness": ("reason_i_authorised_illness", "I"),
    "appointments": ("reason_m_authorised_medical_dental", "M"),
    "leave granted": ("reason_c_authorised_other", "C"),
    "part-time timetable": ("reason_c2_authorised_temp_reduced_timetable", "C2"),
    "religious observance": ("reason_r_authorised_religious_observance", "R"),
    "suspended or excluded": ("reason_e_authorised_excluded", "E"),
    "travelling parent": ("reason_t_authorised_mobile_child", "T"),
    "holiday not granted": ("reason_g_unauthorised_holiday", "G"),
    "late after close": ("reason_u_unauthorised_late_after_registers_closed", "U"),
    "other unauthorised": ("reason_o_other_unauthorised", "O"),
    "no reason yet": ("reason_n_no_reason_yet", "N"),
    "late before close (attending)": ("reason_l_present_late_before_registers_closed", "L"),
    "visit or trip (attending)": ("reason_v_aea_educational_visit_trip", "V"),
    "off-site education (attending)": ("reason_b_aea_education_off_site", "B"),
    "sport (attending)": ("reason_p_aea_approved_sporting_activity", "P"),
}


@dataclass(frozen=True, slots=True)
class Rates:
    """Per cent of possible sessions, of one academic year; `persistent` per cent of the pupils of the cohort."""

    absence: float
    authorised: float
    unauthorised: float
    persistent: float
    severe: float
    by_letter: dict[str, float]
    by_half_day: dict[tuple[int, int], float]  # (isodow, session): absence


def rates_of(academic_year: int, school_ids: Iterable[int]) -> Rates:
    """Counted from the marks in the database."""
    from django.db import connection

    from registers import codes

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.pupil_id, extract(isodow FROM m.day)::int, m.session, m.code, count(*), "
            "p.date_of_birth <= make_date(%(year)s - 5, 8, 31) FROM registers_mark m "
            "JOIN registers_schoolday d ON d.school_id = m.school_id AND d.day = m.day AND d.academic_year = %(year)s "
            "JOIN registers_pupil p ON p.id = m.pupil_id WHERE m.school_id = ANY(%(schools)s) GROUP BY 1, 2, 3, 4, 6",
            {"year": academic_year, "schools": list(school_ids)},
        )
        rows = cursor.fetchall()
    by_code: Counter[int] = Counter()
    pupils: dict[int, Counter[str]] = {}
    half_days: dict[tuple[int, int], Counter[str]] = {}
    cohort = set()
    for pupil_id, weekday, session, code, count, in_cohort in rows:
        by_code[code] += count
        if code not in codes.POSSIBLE:
            continue
        for counter in (
            pupils.setdefault(pupil_id, Counter()),
            half_days.setdefault((weekday, session), Counter()),
        ):
            counter["possible"] += count
            counter["absent"] += count * (code in codes.ABSENT)
        if in_cohort:
            cohort.add(pupil_id)
    possible = sum(count for code, count in by_code.items() if code in codes.POSSIBLE)

    def share(numbers: Iterable[int]) -> float:
        return 100 * sum(by_code[number] for number in numbers) / possible

    missed = [(pupils[p]["absent"], pupils[p]["possible"]) for p in cohort]
    return Rates(
        absence=share(codes.ABSENT),
        authorised=share(codes.AUTHORISED),
        unauthorised=share(codes.UNAUTHORISED),
        persistent=100 * sum(a * 10 >= p for a, p in missed) / len(missed),
        severe=100 * sum(a * 2 >= p for a, p in missed) / len(missed),
        by_letter={letter: share(codes.numbers_of(letter)) for _, letter in REASONS.values()},
        by_half_day={key: 100 * c["absent"] / c["possible"] for key, c in sorted(half_days.items())},
    )


def national(path: Path = NATIONAL_FILE) -> dict[str, float]:
    """The same per cents of England, by `absence`, `authorised`, `unauthorised`, `persistent` and letter."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        row = next(
            row
            for row in csv.DictReader(file)
            if row["geographic_level"] == "National" and row["education_phase"] == "Primary"
        )
    possible = float(row["possible_sessions"])
    return {
        "absence": float(row["overall_absence_perc"]),
        "authorised": float(row["authorised_absence_perc"]),
        "unauthorised": float(row["unauthorised_absence_perc"]),
        "persistent": float(row["pa_perc"]),
    } | {letter: 100 * float(row[column]) / possible for column, letter in REASONS.values()}


def main() -> None:
    django.setup()
    from attendance_mis.models import School
    from registers.calendar_rules import year_name

    england = national(*map(Path, sys.argv[1:2]))
    schools = list(School.objects.filter(is_demo=True).values_list("pk", flat=True))
    years = {year: rates_of(year, schools) for year in (2023, 2024, 2025, 2026)}
    heads = [f"demo {year_name(year)}" for year in years]
    print("| per cent of possible sessions | England 2025/26 |", *(f"{head} |" for head in heads))
    print("|---|--:|" + "--:|" * len(heads))
    for name in ("absence", "authorised", "unauthorised"):
        line(name, england[name], [getattr(rates, name) for rates in years.values()])
    for name, (_, letter) in REASONS.items():
        line(f"{name}, {letter}", england[letter], [rates.by_letter[letter] for rates in years.values()])
    line("persistently absent, of pupils", england["persistent"], [rates.persistent for rates in years.values()])
    line("severely absent, of pupils", None, [rates.severe for rates in years.values()])
    for name, key in {"Wednesday morning": (3, 1), "Monday morning": (1, 1), "Friday afternoon": (5, 2)}.items():
        line(f"absence on a {name}", None, [rates.by_half_day[key] for rates in years.values()])


def line(name: str, england: float | None, ours: list[float]) -> None:
    print(f"| {name} | {'' if england is None else f'{england:.2f}'} |", *(f"{value:.2f} |" for value in ours))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "attendance_mis.settings")
    main()
