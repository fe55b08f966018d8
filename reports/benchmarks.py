"""What a school is compared with: DfE's published rates, each with its series, its year and until when it reaches.

Pure. A few headline figures of England are shipped (`data/england.csv`, from law.md section 4), so that a comparison
stands without any file; `import_benchmarks` adds nation, region and local authority from DfE's own file. The two series
are never mixed: the census counts whole years in arrears, the daily data live (law.md section 4).
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from registers.attendance import percent_of
from registers.calendar_rules import academic_year_bounds, year_name

COLUMNS = (
    "time_period",
    "geographic_level",
    "region_name",
    "la_name",
    "education_phase",
    "possible_sessions",
    "overall_absence",
    "authorised_absence",
    "unauthorised_absence",
    "pa_perc",
)
LEVELS = {"National": "nation", "Regional": "region", "Local authority": "authority"}
SUPPRESSED = ("", "0", "c", "x", "z", ":", "low")  # DfE's signs for not shown, not available, not applicable
_SERIES = {"daily": "daily attendance data", "census": "school census"}
_PHASES = {"primary": "primary", "secondary": "secondary", "special": "special"}


class BadFile(ValueError):
    """The file is not DfE's year-to-date file; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Rates in per cent of one area and phase (`total`: all phases), two decimals or as published."""

    series: str
    academic_year: int
    until: date
    level: str
    area: str
    phase: str
    absence: Decimal
    authorised: Decimal | None
    unauthorised: Decimal | None
    persistent: Decimal | None
    severe: Decimal | None
    source: str
    region: str = ""  # of a local authority

    @property
    def attendance(self) -> Decimal:
        return 100 - self.absence

    @property
    def sentence(self) -> str:
        """Which series and date: "England, primary schools: DfE daily attendance data, 2025/26 to 31 July 2026"."""
        schools = "all schools" if self.phase == "total" else f"{self.phase} schools"
        return (
            f"{self.area}, {schools}: DfE {_SERIES[self.series]}, {year_name(self.academic_year)} "
            f"to {self.until:%-d %B %Y}"
        )


def england() -> list[Benchmark]:
    """The headline figures that are shipped."""
    with (Path(__file__).parent / "data" / "england.csv").open(encoding="utf-8", newline="") as file:
        return [
            Benchmark(
                series=row["series"],
                academic_year=int(row["academic_year"]),
                until=date.fromisoformat(row["until"]),
                level="nation",
                area="England",
                phase=row["phase"],
                absence=Decimal(row["absence"]),
                authorised=_decimal(row["authorised"]),
                unauthorised=_decimal(row["unauthorised"]),
                persistent=_decimal(row["persistent"]),
                severe=_decimal(row["severe"]),
                source=row["source"],
            )
            for row in csv.DictReader(file, strict=True)
        ]


def read(lines: Iterable[str], until: date | None = None) -> Iterator[Benchmark]:
    """DfE's year-to-date file, one row at a time; rates are made from its own numerators and denominators.

    `until` is the last day the file reaches, which it does not say; without it the end of its academic year.
    Raises BadFile.
    """
    rows = csv.DictReader(lines, strict=True)
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
        raise BadFile(f"The file has no column {', '.join(missing)}; it is not DfE's year-to-date attendance file.")
    for number, row in enumerate(rows, start=2):
        try:
            found = _benchmark(row, until)
        except (ValueError, ArithmeticError, KeyError, TypeError) as error:
            raise BadFile(f"Line {number} cannot be read: {error}.") from error
        if found:
            yield found


def _benchmark(row: Mapping[str, str], until: date | None) -> Benchmark | None:
    if row["possible_sessions"] in SUPPRESSED:
        return None
    possible = int(row["possible_sessions"])
    year = int(row["time_period"][:4])
    level = LEVELS[row["geographic_level"]]
    areas = {"nation": "England", "region": row["region_name"], "authority": row["la_name"]}
    return Benchmark(
        series="daily",
        academic_year=year,
        until=until or academic_year_bounds(year)[1],
        level=level,
        area=areas[level],
        phase=row["education_phase"].lower(),
        absence=_rate(row["overall_absence"], possible),
        authorised=_rate(row["authorised_absence"], possible),
        unauthorised=_rate(row["unauthorised_absence"], possible),
        persistent=None if row["pa_perc"] in SUPPRESSED else round(Decimal(row["pa_perc"]), 2),
        severe=None,
        source="DfE, Pupil attendance in schools, year to date",
        region=row["region_name"] if level == "authority" else "",
    )


def _rate(part: str, whole: int) -> Decimal:
    rate = percent_of(int(part), whole, places=2)
    if rate is None or not 0 <= rate <= 100:
        raise ValueError(f"{part} of {whole} is no share")
    return rate


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def choose(
    known: Iterable[Benchmark], *, phase: str, academic_year: int, level: str = "nation", areas: Iterable[str] = ()
) -> Benchmark | None:
    """The figure to compare a school of this phase with: its own year's, or else the newest before it; daily first.

    `areas`: the names of the area at this level. An all-through school or a PRU is compared with all schools.
    """
    wanted, names = _PHASES.get(phase, "total"), set(areas)
    fits = [
        each
        for each in known
        if each.level == level
        and each.phase == wanted
        and each.academic_year <= academic_year
        and (level == "nation" or each.area in names)
    ]
    return max(fits, key=lambda each: (each.academic_year, each.series == "daily", each.until), default=None)
