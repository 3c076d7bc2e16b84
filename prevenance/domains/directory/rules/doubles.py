"""Two rows that are one: who may unite them, and what the one that stays takes of the other."""

from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Service, Structure
from prevenance.domains.directory.rules.keeping import check_can_keep
from prevenance.domains.directory.rules.services import check_place_not_told
from prevenance.domains.governance.rules.councils import Stale

PLACE = ("address", "address_more", "postcode", "longitude", "latitude")
TEXTS = ("name", "description", "audience_note", "conditions", "cost_note", "reach_note")
# What the one that stays takes of the other, where it says nothing.
STRUCTURE = ("siret", "description", "phone", "email", "website", "hours", "access_link", "networks")
SERVICE = (
    "type", "themes", "audiences", "audience_note", "conditions", "cost", "cost_note", "modes", "phone", "email",
    "reached_by", "reach_modes", "reach_link", "reach_note", "contact", "hours", "weekly_hours", "weeks", "needs",
    "schemes", "stages", "ways", "languages", "sign_language", "accessibility", "age_from", "age_to", "capacity_hours",
    "takes_complaints", "digital_mediation", "owner_id", "review_months",
)  # fmt: skip


@cache
def words() -> Any:
    """data/directory/doubles.yaml."""
    return yaml.safe_load((settings.DATA / "directory" / "doubles.yaml").read_text(encoding="utf-8"))


def check_can_merge(kept: Structure | Service, other: Structure | Service, actor: Actor) -> None:
    check_can_keep(kept.commune, actor)
    check_can_keep(other.commune, actor)
    if kept.pk == other.pk:
        raise Refused(_("C’est la même fiche : choisissez-en deux."))
    if other.merged_into_id is not None or kept.merged_into_id is not None:
        raise Stale(_("L’une de ces fiches est déjà réunie à une autre."))
    if kept.closed_on is not None or other.closed_on is not None:
        raise Refused(_("L’une de ces fiches est fermée : il n’y a rien à réunir."))


def check_place_told_by_neither(kept: Structure | Service, other: Structure | Service) -> None:
    """United, they hide if either does: then no text of either may say where either is."""
    texts = [getattr(row, name, "") for row in (kept, other) for name in TEXTS]
    for row in (kept, other):
        check_place_not_told(kept.address_hidden or other.address_hidden, row.address, texts)


def taken(kept: Any, other: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """{field: value} that `kept` takes of `other`; the place goes whole, within one commune, and never if hidden."""
    found = {name: getattr(other, name) for name in names if getattr(kept, name) in ("", [], None, False)}
    hidden = kept.address_hidden or other.address_hidden
    if hidden:
        found.pop("siret", None)
        found.pop("access_link", None)
    elif not kept.address and kept.commune_id == other.commune_id:
        found |= {name: getattr(other, name) for name in PLACE}
    return {name: value for name, value in found.items() if value not in ("", [], None, False)}
