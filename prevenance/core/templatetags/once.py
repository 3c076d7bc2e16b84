"""`{% once %}`: a cell that many rows of a list repeat is drawn once for each of its values.

Loaded everywhere (settings.TEMPLATES builtins).
"""

from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context

register = template.Library()


class Once(template.Node):
    """Kept for one rendering of a page, so that nothing outlives a person, a language or a day."""

    def __init__(self, values: list[FilterExpression], nodelist: NodeList) -> None:
        self.values, self.nodelist = values, nodelist

    def render(self, context: Context) -> Any:
        # With its type: 1 and True are one key of a dictionary, and are not written alike.
        key = tuple([(type(value), value) for value in [value.resolve(context) for value in self.values]])
        # The outermost level: an included template has one of its own for each inclusion.
        kept = context.render_context.dicts[0].setdefault(self, {})
        found = kept.get(key)
        if found is None:
            found = kept[key] = self.nodelist.render(context)
        return found


@register.tag
def once(parser: Parser, token: Token) -> Once:
    """`{% once sheet.state late %}…{% endonce %}`: what is inside depends on these values and on nothing else that
    changes from row to row. They must be hashable: texts, numbers, dates."""
    values = [parser.compile_filter(part) for part in token.split_contents()[1:]]
    if not values:
        raise template.TemplateSyntaxError("once: name the values that the content depends on")
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return Once(values, nodelist)
