"""The individual notice: a dated model text filled in with whoever answers for the file and how long it is kept."""

from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prevenance.core.refusals import Refused
from prevenance.core.text import paragraphs
from prevenance.domains.followup.models import Duration, FollowUp
from prevenance.domains.followup.rules.endings import archive_months
from prevenance.domains.governance.models import Controller


@cache
def models() -> tuple[dict[str, Any], ...]:
    text = (settings.DATA / "followup" / "notice.yaml").read_text(encoding="utf-8")
    return tuple(yaml.safe_load(text))


def model_of(whom: str, on: date) -> list[str]:
    """Lines of the model text for `whom` (person, representative) on a day. Raises Refused: none is invented."""
    for entry in models():
        begins, ends = entry["valid_from"], entry["valid_to"]
        if entry["for"] == whom and begins <= on and (ends is None or on < ends):
            return list(entry["lines"])
    raise Refused(
        _("Aucun texte d’information n’est en vigueur à cette date : complétez les données de la plateforme.")
    )


def long(what: str, on: date) -> str:
    """« 3 mois », from the dated durations."""
    length = Duration.of(what, on)
    words = {
        Duration.Unit.DAYS: ngettext("%(n)d jour", "%(n)d jours", length.amount),
        Duration.Unit.MONTHS: ngettext("%(n)d mois", "%(n)d mois", length.amount),
        Duration.Unit.YEARS: ngettext("%(n)d an", "%(n)d ans", length.amount),
    }[Duration.Unit(length.unit)]
    return words % {"n": length.amount}


def controller_of(followup: FollowUp) -> Controller:
    """Whoever answers for the file: the database holds the record whole while a group exchanges names."""
    holder = followup.body.council.scope.holder_id
    found: Controller = Controller.objects.select_related("scope").get(scope=holder)
    return found


def notice(followup: FollowUp, addressee: str, on: date) -> list[tuple[str, list[str]]]:
    """The text as paragraphs (core.text), for a code of the list `addressees`. No name of the person is in it."""
    controller = controller_of(followup)
    months = archive_months(followup)
    values = {
        "intro": introduction(addressee), "archive": archive(months),
        "controller": controller.scope.label, "council": followup.body.council.name, "body": followup.body.name,
        "basis": controller.basis, "register": controller.register_reference or "–",
        "officer_name": controller.officer_name, "officer_email": controller.officer_email,
        "erased": long("purge_after_end", on), "age": long("age_limit", on), "answer": long("request_answer", on),
    }  # fmt: skip
    lines = model_of("person" if addressee == "person" else "representative", on)
    return paragraphs("\n".join(line.format(**values) for line in lines))


def introduction(addressee: str) -> str:
    if addressee == "person":
        begins = _("Des professionnels vous accompagnent ensemble.")
    else:
        begins = _("Des professionnels accompagnent ensemble la personne dont vous êtes le représentant légal.")
    return f"{begins} " + _("Pour cela, ils tiennent un dossier. Voici ce qu’il contient, qui le lit, et vos droits.")


def archive(months: int) -> str:
    if not months:
        return _("Ensuite il est effacé, sans archive.")
    return _(
        "Le règlement du groupe prévoit ensuite une archive de %(months)d mois, que personne n’ouvre sans motif."
    ) % {"months": months}
