"""Words in minutes that judge a family, and what could stand instead. A hint for the writer, never a refusal. Pure.

Families read their minutes (UK GDPR Art. 15), and courts may: what was seen and heard serves both better than a
verdict. The list is ours, after the guidance's "with families, not to them" (Working together to improve school
attendance, 2024, paragraphs 12 and 13: a support first approach).
"""

import re
from dataclasses import dataclass

# What is written, as a regular expression, and what could stand instead.
_LOADED: tuple[tuple[str, str], ...] = (
    (r"refus(?:es|ed|ing|al)", "say what was offered and what the answer was, for example “said no to a mentor”"),
    (r"fail(?:s|ed|ing|ure)?", "say what happened, for example “has not yet sent the form”"),
    (r"laz(?:y|iness)", "say what was seen, for example “did not get up on three mornings”"),
    (r"broken homes?", "say who lives where, for example “lives with her mother in the week”"),
    (r"dysfunctional", "say what happens at home, as the family tells it"),
    (r"difficult (?:parents?|mother|father|family|child)", "say what was hard, and for whom"),
    (r"hard[- ]to[- ]reach", "say how and when contact was tried"),
    (r"non[- ]?complian(?:t|ce)", "say what was agreed and what has been done so far"),
    (r"unco-?operative", "say what was asked and what the answer was"),
    (r"truant(?:s|ed|ing)?|truancy", "say which sessions were missed without a reason"),
    (r"manipulative|attention[- ]seeking", "say what the child did, and what may have been behind it"),
    (r"excuses?", "say “reason”, in the family's own words"),
    (r"claim(?:s|ed)", "say “told us”"),
    (r"blam(?:es|ed|ing)", "say what each person thought was the reason"),
)
_PATTERNS = tuple((re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), kinder) for pattern, kinder in _LOADED)


@dataclass(frozen=True, slots=True)
class Hint:
    """A word as it was written, and what could be written instead."""

    word: str
    kinder: str


def hints(text: str) -> list[Hint]:
    """A hint for each loaded word of a text, in the order of the text; the same word once."""
    found: dict[str, tuple[int, Hint]] = {}
    for pattern, kinder in _PATTERNS:
        for match in pattern.finditer(text):
            found.setdefault(match[0].lower(), (match.start(), Hint(match[0], kinder)))
    return [hint for _, hint in sorted(found.values(), key=lambda each: each[0])]
