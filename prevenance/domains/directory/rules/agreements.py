"""Who inscribes agreements between partners, and what they may hold."""

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import PartnersAgreement, StationAgreement
from prevenance.domains.directory.rules import stations
from prevenance.domains.directory.rules.stations import check_can_keep, months_after

MOST_PARTIES = 20


@cache
def _read() -> dict[str, Any]:
    text = (settings.DATA / "directory" / "agreements.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def subjects() -> dict[str, str]:
    """{key: label} of what an agreement is about."""
    found: dict[str, str] = _read()["objects"]
    return found


def ending_before(on: date) -> date:
    """An agreement that ends by that day is shown as ending soon."""
    records = sorted(_read()["ending"], key=lambda record: record["from"])
    record = next((one for one in reversed(records) if one["from"] <= on), None)
    return on if record is None else months_after(on, record["months"])


def check_can_edit(agreement: PartnersAgreement, actor: Actor) -> None:
    check_can_keep(agreement.departement, actor)


def check_can_keep_document(agreement: PartnersAgreement | StationAgreement, actor: Actor) -> None:
    """Its document is kept by whoever keeps the agreement."""
    if isinstance(agreement, PartnersAgreement):
        check_can_edit(agreement, actor)
    else:
        stations.check_can_edit(agreement.post, actor)


def check_told(object: str, starts_on: date, ends_on: date | None, parties: Collection[str]) -> None:
    if object not in subjects():
        raise Refused(_("Choisissez l’objet de la convention dans la liste."))
    if ends_on is not None and ends_on < starts_on:
        raise Refused(_("La convention finit avant de commencer : échangez ses deux dates."))
    if not 2 <= len(parties) <= MOST_PARTIES:
        raise Refused(_("Une convention a de 2 à %(most)d signataires.") % {"most": MOST_PARTIES})
