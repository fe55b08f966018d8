"""Parts of a page that are the same for many: `{% load kept %}{% kept nav_items urn=school.urn %}...{% endkept %}`.

The block sees the values it names and nothing else, so what it printed once for the same values it may print again: no
request, no person and no token can leak from one page into another. Without a name it is printed once a process.

What differs from page to page stands behind `with`: `{% kept is_open with csrf_token name=user.name %}`. The block
prints those values, and only prints them (no filter, no `if`): it is kept with holes, and each page fills its own in,
escaped. So the frame of a page costs a join of strings, where thirty nodes of a template cost a tenth of a millisecond
each.
"""

import re
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from attendance_mis.promises import promised

register = template.Library()
MOST = 512  # of one block; a school's menu is one for each set of roles and place in it

_HOLE = "\ue000{}\ue001"  # from a private area of Unicode: no text of ours holds it
_CUT = re.compile("\ue000(\\d+)\ue001")
Values = list[tuple[str, FilterExpression]]


class KeptNode(template.Node):
    def __init__(self, values: Values, holes: Values, nodelist: NodeList) -> None:
        self.values, self.holes, self.nodelist = values, holes, nodelist
        self.kept: dict[str, list[str]] = {}

    def render(self, context: template.Context) -> SafeString:
        values = [value.resolve(context) for _, value in self.values]
        key = repr(values)
        cut = self.kept.get(key)
        if cut is None:
            cut = self._keep(key, values, context)
        if len(cut) == 1:
            return SafeString(cut[0])
        found = [value.resolve(context) for _, value in self.holes]
        filled = [each if each.__class__ is SafeString else conditional_escape(each) for each in found]
        pieces = cut.copy()
        pieces[1::2] = [filled[int(n)] for n in cut[1::2]]
        return SafeString("".join(pieces))

    def _keep(self, key: str, values: list[Any], context: template.Context) -> list[str]:
        """Print the block for these values: its text in turn with the numbers of its holes."""
        if not _is_plain(values):  # a row of the database would print what it says now, under the name of another day
            raise TypeError(
                "kept: name texts, numbers and lists or dicts of them; what is safe HTML goes in by a hole."
            )
        if len(self.kept) >= MOST:
            self.kept.clear()
        seen = {name: value for (name, _), value in zip(self.values, values, strict=True)}
        seen |= {name: SafeString(_HOLE.format(n)) for n, (name, _) in enumerate(self.holes)}
        only = template.Context(seen, autoescape=context.autoescape)
        with only.bind_template(promised(context.template)):
            found = self.kept[key] = _CUT.split(self.nodelist.render(only))
        return found


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, SafeString))


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    words = token.split_contents()[1:]
    at = words.index("with") if "with" in words else len(words)
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(_named(parser, words[:at]), _named(parser, words[at + 1 :]), nodelist)


def _named(parser: Parser, words: list[str]) -> Values:
    """`name` or `name=value` each."""
    pairs = [word.partition("=")[::2] if re.match(r"\w+=", word) else (word, word) for word in words]
    return [(name, parser.compile_filter(value)) for name, value in pairs]
