"""Template tags of the house: each draws one component of templates/components, the same in both brands.

Loaded everywhere (settings.TEMPLATES builtins); the living page /style/ shows them all.
"""

from collections.abc import Iterable
from typing import Any
from zlib import crc32

from django import forms, template
from django.conf import settings
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prevenance.core.widgets import escaped

register = template.Library()

EXPORTS = {
    "pdf": gettext_lazy("PDF (à imprimer)"),
    "csv": gettext_lazy("CSV (texte, tous tableurs)"),
    "xlsx": gettext_lazy("XLSX (Excel, LibreOffice)"),
    "ods": gettext_lazy("ODS (LibreOffice)"),
}


def identifier(prefix: str, *parts: object) -> str:
    """A DOM id that is the same at each rendering and differs between two acts of a page."""
    return f"{prefix}-{crc32('|'.join(map(str, parts)).encode()):x}"


# ---------------------------------------------------------------------------------------------------- forms


def shape(bound: BoundField) -> str:
    """How a form field is laid out: hidden, check, group (radio or check boxes), select, file or input."""
    widget = bound.field.widget
    if bound.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "group"
    if isinstance(widget, forms.Select):
        return "select"
    return "file" if isinstance(widget, forms.FileInput) else "input"


@register.simple_tag
def field(bound: BoundField, hint: str = "", inline: bool = False, **attributes: str) -> SafeString:
    """`{% field form.email %}`: label, hint, control, errors, tied together for screen readers.

    `hint` replaces the help text of the form; other arguments become attributes (`_` stands for `-`).
    """
    kind = shape(bound)
    bound.help_text = hint or bound.help_text  # before drawing, so that the control points to the hint
    attrs = {name.replace("_", "-"): value for name, value in attributes.items()}
    classes = {"input": "fr-input", "select": "fr-select", "file": "fr-upload"}.get(kind, "")
    if classes:
        attrs["class"] = " ".join(filter(None, [classes, bound.field.widget.attrs.get("class"), attrs.get("class")]))
    if kind == "file":
        attrs.setdefault("data-max-bytes", str(settings.UPLOAD_LIMIT))
    shown = {
        "field": bound,
        "kind": kind,
        "inline": inline,
        "errors": list(bound.errors),
        "control": "" if kind == "group" else bound.as_widget(attrs=attrs),
        "said_required": bound.field.required and not bound.field.disabled and kind != "check",
    }
    if kind in ("input", "select", "check") and not shown["errors"]:
        return plain_field(shown)
    return render_to_string("components/field.html", shown)


def plain_field(shown: dict[str, Any]) -> SafeString:
    """What components/field.html draws of a field without an error, for a third of the time: the same, which a test
    checks. Filters of a list have five of them, the calendar of a year forty."""
    bound, kind = shown["field"], shown["kind"]
    # Django computes these at each call.
    name, label, hint = bound.auto_id, escaped(bound.label), bound.help_text
    if shown["said_required"]:
        label += f' <span class="pv-required">{escaped(_("obligatoire"))}</span>'
    if hint:
        label += f' <span class="fr-hint-text" id="{name}_helptext">{escaped(hint)}</span>'
    label = f'<label class="fr-label" for="{bound.id_for_label}">{label}</label>'
    messages = f'<div class="fr-messages-group" id="{name}_error"></div>'
    if kind == "check":
        inside = f'<div class="fr-checkbox-group">{shown["control"]} {label} {messages}</div>'
        return mark_safe(f'<div class="pv-check">{inside}</div>')  # noqa: S308  (each part is escaped)
    inside = f"{label} {shown['control']} {messages}"
    return mark_safe(f'<div class="fr-{kind}-group">{inside}</div>')  # noqa: S308  (each part is escaped)


@register.inclusion_tag("components/fields.html")
def fields(form: forms.BaseForm) -> dict[str, Any]:
    """`{% fields form %}`: every field in order, hidden ones included."""
    return {"form": form}


@register.inclusion_tag("components/errors.html")
def errors(*forms_shown: Any) -> dict[str, Any]:
    """`{% errors form %}`: what is wrong, each line leading to its field; takes forms and formsets."""
    lines: list[tuple[str, str, str]] = []
    for shown in forms_shown:
        lines += [("", "", sentence) for sentence in getattr(shown, "non_form_errors", list)()]
        for form in getattr(shown, "forms", [shown]):
            lines += [("", "", sentence) for sentence in form.non_field_errors()]
            for bound in form:
                target = bound.auto_id + ("_0" if shape(bound) == "group" else "")
                lines += [(target, str(bound.label), sentence) for sentence in bound.errors]
    return {"lines": lines}


# ---------------------------------------------------------------------------------------------------- acts


def button(kind: str, icon: str, small: bool) -> str:
    """Classes of a button: kind is primary, secondary, tertiary, quiet or danger."""
    shown = {"primary": "", "quiet": "fr-btn--tertiary-no-outline", "danger": "fr-btn--secondary pv-danger"}
    return " ".join(
        filter(
            None,
            [
                "fr-btn",
                shown.get(kind, f"fr-btn--{kind}"),
                "fr-btn--sm" if small else "",
                f"fr-icon-{icon} fr-btn--icon-left" if icon else "",
            ],
        )
    )


@register.inclusion_tag("components/action_button.html", takes_context=True)
def action_button(
    context: RequestContext,
    url: str,
    label: str,
    reason: object = "",
    kind: str = "primary",
    icon: str = "",
    small: bool = False,
    **hidden: object,
) -> dict[str, Any]:
    """`{% action_button url "Convoquer" reason=refusal version=3 %}`: one act, sent by POST.

    With a reason the button is disabled and says it; other arguments are sent with the form.
    """
    return {
        "csrf_token": context.get("csrf_token"),
        "url": url,
        "label": label,
        "reason": str(reason or ""),
        "classes": button(kind, icon, small),
        "hidden": hidden,
        "id": identifier("refus", url, label, sorted(hidden.items())),
    }


@register.inclusion_tag("components/confirm_button.html", takes_context=True)
def confirm_button(
    context: RequestContext,
    url: str,
    label: str,
    title: str,
    lost: str,
    confirm: str = "",
    reason: object = "",
    icon: str = "",
    small: bool = False,
    **hidden: object,
) -> dict[str, Any]:
    """A destructive act: asks once and says what is lost, in a native dialog.

    Without script the link opens `url` by GET, where the view draws `components/confirm_page.html`.
    """
    return {
        "csrf_token": context.get("csrf_token"),
        "url": url,
        "label": label,
        "title": title,
        "lost": lost,
        "confirm": confirm or label,
        "reason": str(reason or ""),
        "classes": button("danger", icon, small),
        "hidden": hidden,
        "id": identifier("confirmer", url, label, sorted(hidden.items())),
    }


# ---------------------------------------------------------------------------------------------------- lists


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: RequestContext, page: Page) -> dict[str, Any]:
    """`{% pagination page %}`: which rows are shown, and links that keep the filters of the address."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"request": context["request"], "page": page, "numbers": list(numbers)}


@register.inclusion_tag("components/exports.html", takes_context=True)
def exports(context: RequestContext, url: str = "", formats: str = "csv xlsx ods") -> dict[str, Any]:
    """`{% exports url %}`: the same list, filters kept, as a file (parameter `format`); by default this address."""
    return {
        "request": context["request"],
        "url": url,
        "formats": [(name, EXPORTS[name]) for name in formats.split()],
    }


@register.simple_block_tag
def datatable(content: str, caption: str, hide_caption: bool = False, small: bool = False) -> SafeString:
    """`{% datatable "Membres" %}<thead>…</tbody>{% enddatatable %}`: a captioned table that scrolls by itself."""
    name = identifier("tableau", caption, len(content))
    return format_html(
        '<div class="fr-table{}{}"><div class="fr-table__wrapper"><div class="fr-table__container">'
        '<div class="fr-table__content" role="region" aria-labelledby="{}" tabindex="0">'
        '<table><caption id="{}">{}</caption>{}</table></div></div></div></div>',
        " fr-table--no-caption" if hide_caption else "",
        " fr-table--sm" if small else "",
        name,
        name,
        caption,
        content,
    )


@register.inclusion_tag("components/empty.html")
def empty(title: str, advice: str, url: str = "", label: str = "") -> dict[str, str]:
    """`{% empty "Aucune réunion" "Commencez par…" url "Préparer une réunion" %}`: an empty list says what to do."""
    return {"title": title, "advice": advice, "url": url, "label": label}


# ---------------------------------------------------------------------------------------------------- pieces


@register.simple_tag
def badge(label: object, kind: str = "", small: bool = False) -> SafeString:
    """`{% badge "En vigueur" "success" %}`: kind is empty, info, success, warning, error or new; the word tells."""
    classes = f"fr-badge{f' fr-badge--{kind}' if kind else ''}{' fr-badge--sm' if small else ''}"
    # `format_html` costs three times as much, and each row of a list has a badge.
    return mark_safe(f'<span class="{escaped(classes)}">{escaped(label)}</span>')  # noqa: S308  (each part is escaped)


@register.simple_block_tag
def alert(content: str, kind: str = "info", title: str = "", small: bool = False) -> SafeString:
    """`{% alert "warning" "Titre" %}…{% endalert %}`: kind is info, success, warning or error."""
    words = {"success": _("Succès"), "warning": _("Attention"), "error": _("Erreur")}.get(kind, _("Information"))
    classes = f"fr-alert fr-alert--{kind}{' fr-alert--sm' if small or not title else ''}"
    heading = format_html('<p class="fr-alert__title">{}</p>', title) if title else ""
    return format_html(
        '<div class="{}"><p class="fr-sr-only">{}</p>{}<div>{}</div></div>', classes, words, heading, content
    )


@register.simple_block_tag
def callout(content: str, title: str = "") -> SafeString:
    """`{% callout "À savoir" %}…{% endcallout %}`: a passage set apart; its content is paragraphs."""
    heading = format_html('<p class="fr-callout__title">{}</p>', title) if title else ""
    return format_html('<div class="fr-callout">{}{}</div>', heading, content)


@register.inclusion_tag("components/breadcrumb.html")
def breadcrumb(*parts: object) -> dict[str, Any]:
    """`{% breadcrumb "Conseils" list_url "Saint-Martin" council_url "Réunion" %}`: label, address, …, this page."""
    return {"parents": list(zip(parts[:-1:2], parts[1::2], strict=True)), "here": parts[-1]}


@register.inclusion_tag("components/tabs.html")
def tabs(label: str, items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """`{% tabs "Réunion" items %}`: tabs that are links; each item has label, url, current."""
    return {"label": label, "items": items}


@register.inclusion_tag("components/stepper.html")
def stepper(current: int, total: int, title: str, following: str = "") -> dict[str, Any]:
    """`{% stepper 2 3 "Colonnes" "Vérification" %}`: where one is in a sequence of at most eight steps."""
    return {"current": current, "total": total, "title": title, "following": following}


@register.inclusion_tag("components/tags.html")
def tags(items: Iterable[Any]) -> dict[str, Any]:
    """`{% tags labels %}`: a list of labels."""
    return {"items": items}


@register.filter
def kind_of(message: Any) -> str:
    """Kind of alert for a Django message."""
    tags = set(message.level_tag.split())
    return next((kind for kind in ("success", "warning", "error") if kind in tags), "info")
