"""The starter text of each occasion: plain English at a reading age of 11, supportive first. Pure."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from letters.occasions import Occasion

# What goes as a text or a short e-mail where the school has not written other words.
SHORT = (
    "{{school}} has a letter for you about {{pupils}}. "
    "{{if school_telephone}}Please ring us on {{school_telephone}}.{{else}}Please ask at the school office.{{end}}"
)
FOLDER = Path(__file__).parent / "data" / "starters"


@dataclass(frozen=True, slots=True)
class Starter:
    """Subject and body, in the markup of `markup.py`."""

    subject: str
    body: str


@cache
def starter_of(occasion: Occasion) -> Starter:
    """The text a school starts from; every occasion has one."""
    subject, _, body = (FOLDER / f"{occasion.value}.txt").read_text(encoding="utf-8").partition("\n")
    return Starter(subject.strip(), body.strip() + "\n")
