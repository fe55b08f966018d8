"""Reads the two school packs of ../shared/examples with csv and tomllib, without the product's own import."""

import csv
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from casework.ladders import is_vulnerable
from casework.measures import PupilFacts, Ranges, ranges_on
from registers.ages import compulsory_school_age
from registers.calendar_rules import Period, Session, half_terms, school_days
from registers.codes import code_for

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "examples"
needs_examples = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="../shared/examples is not here")


@dataclass(frozen=True)
class Pack:
    periods: tuple[Period, ...]
    pupils: dict[str, PupilFacts]

    def ranges(self, on: date) -> Ranges:
        return ranges_on(half_terms(self.periods), [day.day for day in school_days(self.periods)], on)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def policy_table(name: str, policy: str) -> dict[str, object]:
    return tomllib.loads((EXAMPLES / name / "pack" / f"school.{policy}.toml").read_text(encoding="utf-8"))["policy"]


def expected(name: str, kind: str) -> list[Path]:
    """Files of worked answers, empty where ../shared is absent."""
    return sorted((EXAMPLES / name / "expected").glob(f"{kind}_*.csv"))


@cache
def pack(name: str) -> Pack:
    folder = EXAMPLES / name / "pack"
    marks: dict[str, list[tuple[date, int, int]]] = {}
    for row in rows(folder / "marks.csv"):
        day = date.fromisoformat(row["date"])
        mark = (day, int(Session[row["session"]]), code_for(row["code"], day).number)
        marks.setdefault(row["upn"], []).append(mark)
    return Pack(
        periods=tuple(
            Period(date.fromisoformat(row["start"]), date.fromisoformat(row["end"]), row["kind"], row["label"])
            for row in rows(folder / "calendar.csv")
        ),
        pupils={
            row["upn"]: PupilFacts(
                marks=sorted(marks.get(row["upn"], [])),
                spells=((date.fromisoformat(row["admission_date"]), _day(row["leaving_date"])),),
                compulsory=compulsory_school_age(date.fromisoformat(row["date_of_birth"])),
                vulnerable=is_vulnerable(
                    vulnerable=row["vulnerable"] == "Y",
                    social_worker=row["social_worker"],
                    child_protection=row["child_protection"] == "Y",
                    looked_after=row["looked_after"] == "Y",
                ),
            )
            for row in sorted(rows(folder / "pupils.csv"), key=lambda row: row["upn"])
        },
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
