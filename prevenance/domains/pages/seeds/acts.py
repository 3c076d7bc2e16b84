"""Acts of the demonstration, written by the forms themselves: some in force, some that await their signature."""

import json
from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

from prevenance.domains.accounts.models import Mandate, Scope
from prevenance.domains.governance.models import Act, ActConsultation, ActSignature, Council
from prevenance.domains.governance.rules.act_forms import form_named, wording
from prevenance.domains.governance.rules.acts import words
from prevenance.domains.pages.seeds.councils import ACT_SIGNATURE, Sitting
from prevenance.domains.pages.seeds.loading import Shape
from prevenance.domains.pages.seeds.people import People

ACT = Shape(
    Act, "id council scope kind form version title values text person mandate reference signed_on signed_by "
    "in_force_from end_reason submitted_at created_at",
)  # fmt: skip
CONSULTATION = Shape(ActConsultation, "id act rank label required asked_on answered_on opinion reference")
DELEGATED = Shape(
    Mandate, "id person role scope valid_from granted_by act delegated_from allows created_at"
)  # fmt: skip
MISSIONS = ["secretariat", "animate", "diagnosis", "justice", "funding"]


def write(people: People, main: Sitting, holder: int, chair: tuple[int, int], coordinator: tuple[int, int]) -> None:
    """Of the main council: a letter of assignment and a delegation in force, another delegation to be signed.

    `chair` and `coordinator` are (person, mandate) of the mayor and of the coordinator; `holder`, the commune's scope.
    """
    loader = people.loader
    _act(
        people, main, holder, "assignment-commune", coordinator, days=-380, signed=True,
        values={"missions": MISSIONS, "person_title": "Agente territoriale", "time": "temps plein"},
        name="Camille Exemple",
    )  # fmt: skip
    delegate, mandate = people.person("Joëlle", "Figurant"), loader.new_id(Mandate)
    values = {"functions": ["chair", "sign"], "person_title": "Adjointe au maire"}
    since, form = loader.days(-300), form_named("delegation-commune", loader.today)
    loader.add(
        DELEGATED, mandate, delegate, "mayor", holder, since, chair[0], "Délégation à un élu INV-A-2",
        chair[1], sorted(form.abilities(values)), loader.at(since, 9),
    )  # fmt: skip
    _act(
        people, main, holder, form.key, (delegate, mandate), days=-300, signed=True, values=values,
        name="Joëlle Figurant",
    )  # fmt: skip
    other = people.person("Sofiane", "Calque")
    _act(
        people, main, holder, form.key, (other, None), days=-2, signed=False, name="Sofiane Calque", version=2,
        values={"functions": ["families", "follow"], "person_title": "Conseiller municipal"},
    )  # fmt: skip


def write_more(people: People, council: Sitting) -> None:
    """Of a council of the nation: a letter of assignment a year, each replacing the former; a delegation to sign."""
    holder = people.scope(council.place.kind, council.place.pk, council.place.name)
    suffix = "commune" if council.place.kind == "commune" else "epci"
    coordinator = council.holder("coordinator") or council.members[0]
    years = people.loader.chance.randint(1, 4)
    for version in range(1, years + 1):
        _act(
            people, council, holder, f"assignment-{suffix}", (coordinator.person, None),
            days=-370 * (years - version) - people.loader.chance.randint(20, 200), signed=True, version=version,
            values={"missions": MISSIONS, "person_title": "Agente territoriale", "time": "temps plein"},
            name=coordinator.title,
        )  # fmt: skip
    if people.loader.chance.random() < 0.3:
        _act(
            people, council, holder, f"delegation-{suffix}", (council.members[1].person, None), days=-3, signed=False,
            values={"functions": ["families", "follow"], "person_title": "Conseillère"}, name=council.members[1].title,
        )  # fmt: skip


def _act(
    people: People, council: Sitting, holder: int, key: str, about: tuple[int, int | None], *, days: int,
    signed: bool, values: Mapping[str, Any], name: str, version: int = 1,
) -> None:  # fmt: skip
    loader, form = people.loader, form_named(key, people.loader.today)
    said = words(
        form, cast(Scope, SimpleNamespace(kind=council.place.kind, label=council.place.name)),
        cast(Council, council), cast(Any, SimpleNamespace(name=name)), values, (), None,
    )  # fmt: skip
    act, day, person = loader.new_id(Act), loader.days(days), about[0]
    signed_on: date | None = day if signed else None
    signer = "Dominique Modèle, maire (signature inventée)" if signed else ""
    part = form.signatories[0]
    # Before their act: the database takes no part of an act that it knows signed.
    loader.add(
        ACT_SIGNATURE, loader.new_id(ActSignature), act, 1, part.label, holder, part.personal, signer, signed_on
    )  # fmt: skip
    # Even when there is none, so that opinions are written before acts: the database then takes none.
    loader.extend(
        CONSULTATION,
        [
            (loader.new_id(ActConsultation), act, rank, line.label, line.required, loader.days(days - 20),
             loader.days(days - 8), "favourable", "courrier inventé")
            for rank, line in enumerate(form.consulted, start=1)
        ],
    )  # fmt: skip
    loader.add(
        ACT, act, council.pk, holder, form.kind, form.key, version, form.title.format(**said), _json(values),
        wording(form, said, values), person, about[1] if signed else None,
        f"INV-{form.kind[:1].upper()}-{version}" if signed else "", signed_on, signer, signed_on, "",
        loader.at(day, 9), loader.at(day, 9),
    )  # fmt: skip


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False)
