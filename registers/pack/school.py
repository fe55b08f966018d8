"""school.toml and the policy files: the school's facts, its times and its policy, as plain values."""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import tomli_w

from registers.calendar_rules import RegisterTimes, times_faults
from registers.pack import columns
from registers.pack.columns import choice, shown, text
from registers.pack.faults import Faults

SCHOOL_TOML = "school.toml"
PHASES = ("primary", "secondary", "special", "all-through", "pru")
TYPES = ("maintained", "academy", "independent", "pru")
_POLICY_FILE = re.compile(r"policy-(.{10})\.toml")
_AT_LINE = re.compile(r"(.*) \(at line (\d+), column \d+\)")

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table of school.toml, and the field of School that it is kept in."""

    name: str
    parse: Callable[[Any], Any]
    required: bool = False
    kept_as: str = ""

    @property
    def attribute(self) -> str:
        return self.kept_as or self.name


def _words(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    def parse_words(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("must be a text in quotes")
        if "\0" in value:
            raise ValueError("holds a NUL character; remove it")
        return parse(value)

    return parse_words


def _digits(length: int) -> Callable[[Any], str]:
    def parse(value: str) -> str:
        if not re.fullmatch(rf"[0-9]{{{length}}}", value):
            raise ValueError(f"{shown(value)} does not have {length} digits")
        return value

    return _words(parse)


def _named(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty")
    return text(200)(value)


def _address(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError('must be a list of lines, ["1 Example Road", "London"]')
    return [_words(text(100))(line) for line in value]


def _percent(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise ValueError("must be a number from 0 to 100")
    return round(Decimal(str(value)), 2)


_zones = cache(available_timezones)


def _zone(value: str) -> str:
    if value not in _zones():
        raise ValueError(f"{shown(value)} is not a time zone; for England write Europe/London")
    return value


def _time(value: Any) -> time:
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0, tzinfo=None)
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return time.fromisoformat(value)
    raise ValueError('must be a time such as "09:00"')


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


TABLES: dict[str, tuple[Key, ...]] = {
    "school": (
        Key("urn", _digits(6), required=True),
        Key("laestab", _digits(7), required=True),
        Key("name", _words(_named), required=True),
        Key("phase", _words(choice(*PHASES)), required=True),
        Key("type", _words(choice(*TYPES))),
        Key("local_authority", _words(text(100)), required=True),
        Key("address", _address),
        Key("postcode", _words(text(8))),
        Key("telephone", _words(text(30))),
        Key("email", _words(lambda value: columns.email(value) if value else "")),
        Key("headteacher", _words(text(100))),
        Key("attendance_contact", _words(text(100))),
        Key("attendance_target", _percent),
        Key("timezone", _words(_zone)),
    ),
    "times": (
        Key("am_register", _time, required=True),
        Key("am_closes", _time, required=True),
        Key("pm_register", _time, required=True),
        Key("pm_closes", _time, required=True),
        Key("day_ends", _time, required=True),
        Key("parents_report_by", _time),
        Key("registers_due_by", _time),
    ),
    "penalties": (Key("count_n", _switch, kept_as="count_n_for_penalties"),),
}


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """What school.toml says, by the names of School's fields; the policy and its dated versions as tables."""

    values: dict[str, Any]
    policy: Table | None
    dated_policies: dict[date, Table] = field(default_factory=dict)

    def policy_tables(self) -> Iterator[tuple[str, Table]]:
        """Every policy with the file it stands in."""
        if self.policy is not None:
            yield SCHOOL_TOML, self.policy
        yield from ((f"policy-{day}.toml", table) for day, table in self.dated_policies.items())


def read_school(folder: Path, faults: Faults) -> SchoolFacts | None:
    """school.toml and the policy files; None when something in them is wrong."""
    before = faults.count
    document = _read_toml(folder, SCHOOL_TOML, faults)
    dated = dict(_dated_policies(folder, faults))
    if document is None:
        return None
    values: dict[str, Any] = {}
    for name in sorted(set(document) - {*TABLES, "policy"}):
        tables = ", ".join(f"[{table}]" for table in (*TABLES, "policy"))
        faults.add(SCHOOL_TOML, f"unknown; the tables are {tables}", column=name)
    for name, keys in TABLES.items():
        values |= _read_table(name, keys, document.get(name, {}), faults)
    policy = _policy_of(document, SCHOOL_TOML, faults)
    return SchoolFacts(values, policy, dated) if faults.count == before else None


def _read_table(name: str, keys: tuple[Key, ...], table: Any, faults: Faults) -> dict[str, Any]:
    if not isinstance(table, dict):
        faults.add(SCHOOL_TOML, f"must be a table, [{name}]", column=name)
        return {}
    before, values = faults.count, {}
    for unknown in sorted(set(table) - {key.name for key in keys}):
        faults.add(SCHOOL_TOML, f"unknown key; use {', '.join(k.name for k in keys)}", column=f"{name}.{unknown}")
    for key in keys:
        try:
            if key.name in table:
                values[key.attribute] = key.parse(table[key.name])
            elif key.required:
                raise ValueError("is missing")
        except ValueError as error:
            faults.add(SCHOOL_TOML, str(error), column=f"{name}.{key.name}")
    if name == "times" and faults.count == before:
        times = RegisterTimes(*(values[key.name] for key in keys if key.required))
        for which, sentence in times_faults(times):
            faults.add(SCHOOL_TOML, sentence, column=f"times.{which}")
    return values


def _policy_of(document: Table, file: str, faults: Faults) -> Table | None:
    policy = document.get("policy")
    if policy is not None and not isinstance(policy, dict):
        faults.add(file, "must be a table, [policy]", column="policy")
        return None
    try:
        # As the database gives it back: plain JSON, dates as text.
        plain = json.dumps(policy, default=str, allow_nan=False)
    except ValueError:
        faults.add(file, "holds a number that is none (nan or inf)", column="policy")
        return None
    if r"\u0000" in plain:
        faults.add(file, "holds a NUL character; remove it", column="policy")
        return None
    return json.loads(plain)


def _dated_policies(folder: Path, faults: Faults) -> Iterator[tuple[date, Table]]:
    for path in sorted(folder.glob("policy-*.toml")):
        found = _POLICY_FILE.fullmatch(path.name)
        try:
            day = columns.day(found[1] if found else path.name[7:-5])
        except ValueError as error:
            faults.add(path.name, f"the name must be policy-YYYY-MM-DD.toml: {error}")
            continue
        document = _read_toml(folder, path.name, faults)
        if document is None:
            continue
        if "policy" not in document:
            faults.add(path.name, "the table [policy] is missing")
        elif policy := _policy_of(document, path.name, faults):
            yield day, policy


def _read_toml(folder: Path, name: str, faults: Faults) -> Table | None:
    path = folder / name
    if not path.is_file():
        faults.add(name, "the file is missing")
        return None
    content = path.read_bytes()
    if len(content) > 1_000_000:
        faults.add(name, "the file is larger than 1 MB")
        return None
    try:
        return tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add(name, f"byte 0x{content[error.start]:02X} is not UTF-8; save the file as UTF-8", line=line)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.fullmatch(str(error))
        faults.add(name, f"is not TOML: {found[1] if found else error}", line=int(found[2]) if found else 0)
    except RecursionError:
        faults.add(name, "is nested too deeply")
    return None


# Writing. What a policy's tables hold, in the order a person would write it; the rest follows by name.
POLICY_ORDER = (
    *("preset", "title", "name", "measure", "at_least", "below", "at_most", "vulnerable_ahead", "all_of"),
    *("owner", "do", "letter", "tell", "automatic", "step", "ladder"),
)


def school_toml(values: Mapping[str, Any], policy: Table | None) -> str:
    """school.toml of a school whose fields are `values`; what is empty is left out."""
    document: Table = {name: _plain_table(keys, values) for name, keys in TABLES.items()}
    penalties = document.pop("penalties")
    if policy is not None:
        document["policy"] = _in_order(policy)
    if penalties.get("count_n"):
        document["penalties"] = penalties
    return tomli_w.dumps(document)


def policy_toml(policy: Table) -> str:
    """A policy-YYYY-MM-DD.toml."""
    return tomli_w.dumps({"policy": _in_order(policy)})


def _plain_table(keys: Iterable[Key], values: Mapping[str, Any]) -> Table:
    plain = {key.name: _plain(values[key.attribute]) for key in keys}
    return {name: value for name, value in plain.items() if value not in ("", [], None)}


def _plain(value: Any) -> Any:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Decimal | float):
        return int(value) if value == int(value) else float(value)
    return value


def _in_order(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_order(each) for each in value]
    if not isinstance(value, dict):
        return _plain(value)
    place = {name: index for index, name in enumerate(POLICY_ORDER)}
    names = sorted(value, key=lambda name: (place.get(name, len(place)), name))
    # A table after plain values, as TOML wants it.
    names.sort(key=lambda name: isinstance(value[name], dict | list))
    return {name: _in_order(value[name]) for name in names}
