"""Template texts, parsed once. A version never changes, so what was parsed stays right."""

from collections.abc import Mapping
from functools import lru_cache

from letters.fields import Field, fields_of
from letters.markup import BrokenText, Text, parse
from letters.models import TemplateVersion
from letters.occasions import Occasion
from letters.starters import SHORT

# Values that are English words or lists of them: a translation cannot merge these.
ENGLISH_ONLY = frozenset({"one_in", "late_table", "unexplained_days"})


@lru_cache(maxsize=256)
def parsed(occasion: Occasion, text: str, *, translated: bool = False) -> Text:
    """The text of an occasion. Raises BrokenText."""
    return parse(text, fields_for(occasion, translated=translated))


def fields_for(occasion: Occasion, *, translated: bool) -> Mapping[str, Field]:
    """The fields a text may merge; a translation those whose values are no English words."""
    fields = fields_of(occasion)
    return {name: field for name, field in fields.items() if name not in ENGLISH_ONLY} if translated else fields


def faults(
    occasion: Occasion, subject: str, body: str, short: str = "", *, translated: bool = False
) -> list[tuple[str, str]]:
    """What is wrong with a text: (subject, body or short, the sentence with the place). No short words is no fault."""
    found = []
    for name, text in (("subject", subject), ("body", body), ("short", short)):
        if name == "short" and not text.strip():
            continue
        try:
            parsed(occasion, text, translated=translated)
        except BrokenText as broken:
            found += [(name, fault) for fault in broken.faults]
    return found


def text_of(version: TemplateVersion, occasion: Occasion, tag: str = "") -> tuple[Text, Text]:
    """Subject and body of a version, in a language it holds or in English."""
    if tag and tag in version.translations:
        held = version.translations[tag]
        return parsed(occasion, held["subject"], translated=True), parsed(occasion, held["body"], translated=True)
    return parsed(occasion, version.subject), parsed(occasion, version.body)


def short_of(version: TemplateVersion, occasion: Occasion) -> Text:
    """The short words of a version, ours where it has none. In English: a text has no room for two languages."""
    return parsed(occasion, version.short.strip() or SHORT)
