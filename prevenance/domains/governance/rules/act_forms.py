"""The forms of acts: dated data (data/governance/acts, whose README says what each field means), and their document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused

# Marks at the start of a line of a document; the others are paragraphs. views/acts.py draws them.
HEADING, ITEM = "# ", "- "
TYPES = frozenset({"line", "text", "choices", "shares", "communes"})


@dataclass(frozen=True)
class Choice:
    """One answer to a field: what it is called, where it is written, and what it opens or allows."""

    key: str
    label: str
    article: str = ""
    abilities: frozenset[str] = frozenset()
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A field that a form asks."""

    name: str
    type: str
    label: str
    required: bool = True
    help: str = ""
    choices: tuple[Choice, ...] = ()
    levels: Mapping[str, str] = field(default_factory=dict)

    def choice(self, key: str) -> Choice:
        return next(choice for choice in self.choices if choice.key == key)


@dataclass(frozen=True)
class Article:
    """A sentence of the document, with the list that may follow it and the field that it depends on."""

    text: str
    list: str = ""
    level: str = ""
    when: str = ""
    unless: str = ""


@dataclass(frozen=True)
class Part:
    """Somebody consulted, or a signatory: the holder's chair, or one line for each commune."""

    key: str
    label: str
    of: str = ""
    required: bool = False
    personal: bool = False


@dataclass(frozen=True)
class About:
    """The elected member or agent whom an act is about."""

    label: str
    help: str
    capacities: tuple[str, ...]


@dataclass(frozen=True)
class Requirement:
    """What the territories of an act must be, and where it is written."""

    article: str
    population_under: int | None = None
    without_council: bool = False
    members: bool = False


@dataclass(frozen=True)
class Form:
    """A form of act between two days."""

    key: str
    kind: str
    label: str
    explained: str
    valid_from: date
    valid_to: date | None
    holders: tuple[str, ...]
    councils: tuple[str, ...]
    council: str
    author: str
    title: str
    preamble: tuple[str, ...]
    articles: tuple[Article, ...]
    signatories: tuple[Part, ...]
    source: str
    note: str
    consulted: tuple[Part, ...] = ()
    questions: tuple[Question, ...] = ()
    about: About | None = None
    ends: str = "none"
    replaces: str = ""
    requires: Requirement | None = None

    def holds_on(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def question(self, name: str) -> Question:
        return next(question for question in self.questions if question.name == name)

    def abilities(self, values: Mapping[str, Any]) -> frozenset[str]:
        """What the functions ticked allow, of the table of roles."""
        ticked = [
            question.choice(key)
            for question in self.questions
            if question.type == "choices"
            for key in values.get(question.name, [])
        ]
        return frozenset().union(*(choice.abilities for choice in ticked))


@cache
def every_form() -> tuple[Form, ...]:
    """All records of the folder. Raises TypeError for an unknown field, ValueError for an unknown type of field."""
    found: list[Form] = []
    for path in sorted((settings.DATA / "governance" / "acts").glob("*.yaml")):
        found += [_form(line) for line in yaml.safe_load(path.read_text(encoding="utf-8"))]
    return tuple(found)


def _form(line: dict[str, Any]) -> Form:
    line = dict(line)
    asked = [_question(one) for one in line.pop("fields", [])]
    about, requires = line.pop("person", None), line.pop("requires", None)
    several: dict[str, Any] = {name: tuple(line.pop(name)) for name in ("holders", "councils", "preamble")}
    return Form(
        **several,
        articles=tuple(Article(text=one) if isinstance(one, str) else Article(**one) for one in line.pop("articles")),
        signatories=tuple(_part(one) for one in line.pop("signatories")),
        consulted=tuple(_part(one) for one in line.pop("consulted", [])),
        questions=tuple(asked),
        about=About(about["label"], about["help"], tuple(about["capacities"])) if about else None,
        requires=Requirement(**requires) if requires else None,
        **line,
    )


def _question(line: dict[str, Any]) -> Question:
    if line["type"] not in TYPES:
        raise ValueError(f"unknown type of field: {line['type']}")
    choices = [
        Choice(
            one["key"], one["label"], one.get("article", ""), frozenset(one.get("abilities", [])),
            tuple(one.get("levels", [])),
        )
        for one in line.get("choices", [])
    ]  # fmt: skip
    return Question(**{**line, "choices": tuple(choices)})


def _part(line: dict[str, Any]) -> Part:
    line = dict(line)
    return Part(label=line.pop("capacity", None) or line.pop("label"), **line)


def forms_on(on: date) -> dict[str, Form]:
    """The record of each form in force on a day."""
    return {form.key: form for form in every_form() if form.holds_on(on)}


def form_named(key: str, on: date) -> Form:
    """The record of a form on a day. Raises Refused when there was none."""
    found = forms_on(on).get(key)
    if found is None:
        raise Refused(_("Ce modèle d’acte n’est pas connu à cette date."))
    return found


def composition_key(council_kind: str, on: date) -> str:
    """The form that fixes who sits in a kind of council. Raises Refused when no text gives one."""
    for form in forms_on(on).values():
        if form.kind == "composition" and council_kind in form.councils:
            return form.key
    raise Refused(_("Aucun modèle d’arrêté de composition n’est connu pour ce conseil à cette date."))


# ------------------------------------------------------------------------------------------------ the document


def wording(form: Form, words: Mapping[str, str], values: Mapping[str, Any], members: Sequence[str] = ()) -> str:
    """The document as it would be signed, a line a paragraph. `words` fill the braces, "" for what was not said.

    `members` are the lines of a composition, already in order.
    """
    lines = [HEADING + form.title.format(**words), *(line.format(**words) for line in form.preamble)]
    number = 0
    for article in form.articles:
        if (article.when and not words.get(article.when)) or (article.unless and words.get(article.unless)):
            continue
        items = list(members) if article.list == "members" else _items(form, article, values)
        if article.list and article.level and not items:
            continue
        number += 1
        lines += [HEADING + _("Article %(number)d") % {"number": number}, *article.text.format(**words).splitlines()]
        lines += items
    return "\n".join(lines)


def _items(form: Form, article: Article, values: Mapping[str, Any]) -> list[str]:
    if not article.list:
        return []
    question = form.question(article.list)
    answer = values.get(question.name) or ()
    if question.type == "shares":
        chosen = [choice for choice in question.choices if dict(answer).get(choice.key) == article.level]
    else:
        chosen = [choice for choice in question.choices if choice.key in answer]
    return [
        ITEM + (f"{choice.label} ({choice.article})" if choice.article else choice.label) + "\u00a0;"
        for choice in chosen
    ]
