"""Form controls that the browser draws natively, so that no script is needed."""

from html import escape
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe


class DateInput(forms.DateInput):
    """A day; the browser shows it the French way and sends YYYY-MM-DD."""

    input_type = "date"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    """A day and time, in the local time zone, to the minute."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class TimeInput(forms.TimeInput):
    """A time of day, to the minute."""

    input_type = "time"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


INPUTS = frozenset(
    f"django/forms/widgets/{kind}.html"
    for kind in (
        "checkbox", "color", "date", "datetime", "email", "hidden", "input", "number",
        "password", "search", "tel", "text", "time", "url",
    )
)  # fmt: skip
SELECT = "django/forms/widgets/select.html"
OPTION = "django/forms/widgets/select_option.html"


class Renderer(DjangoTemplates):
    """Django's form renderer, with inputs and selects written here rather than by its templates.

    Those include two templates for each option: a list of a hundred départements took longer than its whole page.
    The HTML is the same, which a test checks; a widget with a template of its own is drawn by it.
    """

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        widget = context.get("widget", {})
        if template_name in INPUTS:
            return _input(widget)
        if template_name == SELECT and all(
            option["template_name"] == OPTION for _name, options, _index in widget["optgroups"] for option in options
        ):
            return _select(widget)
        return super().render(template_name, context, request)


def escaped(value: Any) -> str:
    """Django's `conditional_escape`, which costs four times as much for a plain text."""
    return escape(value) if type(value) is str else conditional_escape(value)


def _attributes(attrs: dict[str, Any]) -> str:
    return "".join(
        f" {escaped(name)}" if value is True else f' {escaped(name)}="{escaped(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def _input(widget: dict[str, Any]) -> SafeString:
    value = "" if widget["value"] is None else f' value="{escaped(widget["value"])}"'
    return mark_safe(  # noqa: S308  (each part is escaped)
        f'<input type="{escaped(widget["type"])}" name="{escaped(widget["name"])}"{value}'
        f"{_attributes(widget['attrs'])}>"
    )


def _select(widget: dict[str, Any]) -> SafeString:
    lines = [f'<select name="{escaped(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            lines.append(f'<optgroup label="{escaped(group)}">')
        for option in options:
            value, label = escaped(option["value"]), escaped(option["label"])
            lines.append(f'<option value="{value}"{_attributes(option["attrs"])}>{label}</option>')
        if group:
            lines.append("</optgroup>")
    return mark_safe("\n".join([*lines, "</select>"]))  # noqa: S308  (each part is escaped)
