"""What a school did before it asks for legal measures: the lines of appendix 9, and what is still missing. Pure.

The form `legal_checklist` and the referral pack of penalties ask the same lines by the same rule: a line is done with
its day, or does not apply. "No" is an honest answer that completes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from casework.form_definitions import current

FORM = "legal_checklist"
CHECKLIST: Mapping[str, str] = {each.key: each.label for each in current(FORM).fields if each.kind == "done"}
ANSWERS = (("", "Not answered"), ("yes", "Yes"), ("no", "No"), ("not applicable", "Does not apply"))


@dataclass(frozen=True, slots=True)
class Ticked:
    """One line of the checklist: yes with its day, or does not apply; no is an answer that completes nothing."""

    answer: str = ""
    on: date | None = None

    @property
    def is_done(self) -> bool:
        return self.answer == "not applicable" or (self.answer == "yes" and self.on is not None)


@dataclass(frozen=True, slots=True)
class Found:
    """What the record says of a line: its day, and in words. No day: the words say why it is not done yet."""

    on: date | None
    said: str


def from_answers(answers: Mapping[str, Any]) -> dict[str, Ticked]:
    """The lines of a checklist as it was stored."""
    return {
        key: Ticked(answer.get("answer", ""), date.fromisoformat(answer["on"]) if answer.get("on") else None)
        for key, answer in answers.items()
        if key in CHECKLIST and isinstance(answer, Mapping)
    }


def open_lines(ticked: Mapping[str, Ticked]) -> list[str]:
    """The keys of the lines that are not done."""
    return [key for key in CHECKLIST if not ticked.get(key, Ticked()).is_done]


def why_not_complete(ticked: Mapping[str, Ticked]) -> list[str]:
    """Why a checklist cannot be called complete, a sentence a line; empty means it can."""
    reasons = []
    for key in open_lines(ticked):
        line = ticked.get(key, Ticked())
        words = {"yes": "the day is missing", "no": "it was not done"}.get(line.answer, "not answered")
        reasons.append(f"{CHECKLIST[key].rstrip('.')}: {words}.")
    return reasons
