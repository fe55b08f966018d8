"""Parts of a page that are the same for many: `{% load kept %}{% kept nav_items %}...{% endkept %}`.

The block sees the variables it names and nothing else, so what it printed once for the same values it may print again:
no request, no person and no token can leak from one page into another. Without a name it is printed once a process.
"""

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.safestring import SafeString

register = template.Library()
MOST = 512  # of one block; a school's menu is one for each set of roles and place in it


class KeptNode(template.Node):
    def __init__(self, names: list[str], values: list[FilterExpression], nodelist: NodeList) -> None:
        self.names, self.values, self.nodelist = names, values, nodelist
        self.kept: dict[str, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        values = [value.resolve(context) for value in self.values]
        key = repr(values)
        found = self.kept.get(key)
        if found is None:
            if len(self.kept) >= MOST:
                self.kept.clear()
            only = template.Context(dict(zip(self.names, values, strict=True)), autoescape=context.autoescape)
            with only.bind_template(context.template):
                found = self.kept[key] = self.nodelist.render(only)
        return found


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    names = token.split_contents()[1:]
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(names, [parser.compile_filter(name) for name in names], nodelist)
