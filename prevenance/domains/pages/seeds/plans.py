"""The demonstration's plans: the nation's, the département's, and the local strategy of the main council, amended."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from prevenance.core.text import sort_key
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.models import Act, ActConsultation, ActSignature, Council
from prevenance.domains.governance.rules.act_forms import form_named, wording
from prevenance.domains.governance.rules.acts import words
from prevenance.domains.pages.seeds import plan_indicators, plan_sheets
from prevenance.domains.pages.seeds.acts import ACT, CONSULTATION
from prevenance.domains.pages.seeds.councils import ACT_SIGNATURE, Sitting
from prevenance.domains.pages.seeds.loading import Loader, Shape
from prevenance.domains.pages.seeds.meetings import History
from prevenance.domains.pages.seeds.people import People, Place, data
from prevenance.domains.strategy.models import Amendment, Change, Plan, Provision, Strategy

PLAN = Shape(
    Plan, "id kind title sort_title territory scope council strategy parent compatibility begins ends in_force_from"
    " created_by created_at",
)  # fmt: skip
AMENDMENT = Shape(
    Amendment, "id plan number title reason state act published_as in_force_from prepared_by created_at"
)  # fmt: skip
PROVISION = Shape(Provision, "id plan anchor part position text brought_by since replaced_by until")
CHANGE = Shape(Change, "id amendment kind anchor part position text base")

YEARS = 5
FORMS = {"departement": "plan-departement", "local": "plan-commune"}  # data/governance/acts


@dataclass
class Writing:
    """A plan under construction. `amendments` gives, by number, its identifier and the day it took effect (None: a
    draft); `texts`, by part, its paragraphs in force: (identifier, anchor, position, text, brought by, since)."""

    pk: int
    title: str
    place: Place
    scope: int
    council: Sitting | None
    author: int  # person
    signer: str
    amendments: dict[int, tuple[int, date | None]] = field(default_factory=dict)
    texts: dict[str, list[list[Any]]] = field(default_factory=dict)


def write(people: People, known: Mapping[str, Place], main: Sitting, history: History, cast: Mapping[str, int]) -> None:
    """Everything, and the acts of the main council's trail. `cast`: role -> person."""
    loader, texts = people.loader, deepcopy(data("plans"))  # the words of sheets are added to those of the plan
    nation = _plan(people, "national", known["nation:FR"], None, cast["national_secretariat"], None)
    _first_text(loader, nation, texts["national"], None)
    place = known[f"departement:{data('councils')['departement']}"]
    departement = _plan(people, "departement", place, None, cast["prefect_office"], nation.pk)
    _first_text(loader, departement, texts["departement"], _act(people, departement, "departement", -1))
    local = _plan(people, "local", main.place, main, cast["coordinator"], departement.pk)
    for sheet in range(1, len(texts["local"]["sheets"]) + 1):
        _words_of_sheet(texts["local"], sheet)
    _first_text(loader, local, texts["local"], _act(people, local, "local", 1))
    for number, amendment in enumerate(texts["local"]["amendments"], 1):
        _amend(people, local, amendment, number)
    for plan in (nation, departement, local):
        _keep_texts(loader, plan)
    indicators = plan_indicators.write(people, nation, departement, local, cast["prefect_office"])
    plan_sheets.write(people, local, history, indicators)


def _plan(people: People, key: str, place: Place, council: Sitting | None, author: int, parent: int | None) -> Writing:
    """The plan's own row; `key` is that of data/demonstration/plans.yaml."""
    loader, told = people.loader, data("plans")[key]
    kind = {"local": Plan.Kind.LOCAL_STRATEGY}.get(key) or Plan.Kind(key)
    since, scope = loader.days(told["days"]), people.scope(place.kind, place.pk, place.name)
    signer = {"departement": "Le préfet (signature inventée)"}.get(key, "Dominique Modèle, maire (signature inventée)")
    plan = Writing(loader.new_id(Plan), told["title"], place, scope, council, author, signer)
    loader.add(
        PLAN, plan.pk, kind, plan.title, sort_key(plan.title), place.pk, scope, council.pk if council else None,
        Strategy.objects.order_by("begins").values_list("pk", flat=True)[0], parent, told.get("compatibility", ""),
        since, since + timedelta(days=365 * YEARS), since, author, loader.at(since - timedelta(days=60), 10),
    )  # fmt: skip
    return plan


def _words_of_sheet(told: dict[str, Any], number: int) -> None:
    """The problem and objective of a sheet are words of the plan, of the amendment that brings it."""
    sheet = told["sheets"][number - 1]
    brought_by = sheet.get("brought_by", 0)
    problem = sheet.get("problem") or plan_sheets.tool(sheet["tool"]).problem
    lines = {f"sheet:{number}:problem": problem, f"sheet:{number}:objective": sheet["objective"]}
    if brought_by == 0:
        told["parts"] |= {part: [text] for part, text in lines.items()}
    else:
        brought = told["amendments"][brought_by - 1]["insert"]
        brought += [{"part": part, "text": text} for part, text in lines.items()]


def _first_text(loader: Loader, plan: Writing, told: Mapping[str, Any], act: int | None) -> None:
    since, pk = loader.days(told["days"]), loader.new_id(Amendment)
    published = "" if act else "Publication inventée du comité interministériel"
    loader.add(
        AMENDMENT, pk, plan.pk, 0, "Texte initial", "", "in_force", act, published, since, plan.author,
        loader.at(since - timedelta(days=60), 11),
    )  # fmt: skip
    plan.amendments[0] = (pk, since)
    for part, paragraphs in told["parts"].items():
        for text in paragraphs:
            _insert(loader, plan, 0, part, text)


def _amend(people: People, plan: Writing, told: Mapping[str, Any], number: int) -> None:
    loader, pk = people.loader, people.loader.new_id(Amendment)
    since = loader.days(told["days"]) if "days" in told else None
    act = _act(people, plan, "local", number + 1, told) if since else None
    at = loader.at((since or loader.today) - timedelta(days=30), 11)
    loader.add(
        AMENDMENT, pk, plan.pk, number, told["title"], told["reason"], "in_force" if since else "draft", act, "", since,
        plan.author, at,
    )  # fmt: skip
    plan.amendments[number] = (pk, since)
    for line in told["replace"]:
        _replace(loader, plan, number, line["part"], line["text"])
    for line in told["insert"]:
        _insert(loader, plan, number, line["part"], line["text"])


def _insert(loader: Loader, plan: Writing, number: int, part: str, text: str) -> None:
    amendment, since = plan.amendments[number]
    there = plan.texts.setdefault(part, [])
    position, anchor = Decimal(len(there) + 1), loader.uuid()
    loader.add(CHANGE, loader.new_id(Change), amendment, "insert", anchor, part, position, text, None)
    if since:
        there.append([loader.new_id(Provision), anchor, position, text, amendment, since, None, None])


def _replace(loader: Loader, plan: Writing, number: int, part: str, text: str) -> None:
    """Another text for the first paragraph of a part."""
    amendment, since = plan.amendments[number]
    base = next(line for line in plan.texts[part] if line[-1] is None)
    loader.add(CHANGE, loader.new_id(Change), amendment, "replace", base[1], part, base[2], text, base[0])
    if since:
        base[-2:] = [amendment, since]
        plan.texts[part].append([loader.new_id(Provision), base[1], base[2], text, amendment, since, None, None])


def _keep_texts(loader: Loader, plan: Writing) -> None:
    for part, lines in plan.texts.items():
        for pk, anchor, position, text, brought_by, since, replaced_by, until in lines:
            loader.add(
                PROVISION, pk, plan.pk, anchor, part, position, text, brought_by, since, replaced_by, until
            )  # fmt: skip


def _act(people: People, plan: Writing, key: str, version: int, amendment: Mapping[str, Any] | None = None) -> int:
    """The signed act that gives effect to the plan or to its amendment."""
    loader, form = people.loader, form_named(FORMS[key], people.loader.today)
    days = (amendment or data("plans")[key])["days"]
    title = f"{plan.title}, avenant n° {version - 1} ({amendment['title'].lower()})" if amendment else plan.title
    values = {"plan": title}
    said = words(
        form, cast(Scope, SimpleNamespace(kind=plan.place.kind, label=plan.place.name)),
        cast(Council, plan.council or SimpleNamespace(name="")), cast(Any, None), values, (), None,
    )  # fmt: skip
    act, day = loader.new_id(Act), loader.days(days)
    part: Any = form.signatories[0]
    # Before their act, as in seeds.acts.
    loader.add(
        ACT_SIGNATURE, loader.new_id(ActSignature), act, 1, part.label, plan.scope, part.personal, plan.signer, day
    )
    loader.extend(
        CONSULTATION,
        [
            (loader.new_id(ActConsultation), act, rank, line.label, line.required, loader.days(days - 40),
             loader.days(days - 12), "favourable", "courrier inventé")
            for rank, line in enumerate(form.consulted, start=1)
        ],
    )  # fmt: skip
    loader.add(
        ACT, act, plan.council.pk if plan.council else None, plan.scope, form.kind, form.key, abs(version),
        form.title.format(**said)[:300], json.dumps(values, ensure_ascii=False), wording(form, said, values), None,
        None, f"INV-P-{abs(version)}", day, plan.signer, day, "", loader.at(day, 9), loader.at(day, 9),
    )  # fmt: skip
    return act
