"""What may hang on an action sheet: sites inside the plan's territory, sessions held, documents of its council."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.strategy.models import Plan
from prevenance.domains.strategy.rules.catalogue import session_themes
from prevenance.domains.territories.models import Containment, Territory


def check_can_place(plan: Plan, territory: Territory, longitude: float | None, latitude: float | None) -> None:
    """A site is a commune of the plan's territory, or a point of one."""
    inside = territory.pk == plan.territory_id or (
        Containment.objects.filter(container_id=plan.territory_id, contained=territory).exists()
    )
    if territory.kind != Territory.Kind.COMMUNE or not inside:
        raise Refused(_("Choisissez une commune du territoire du plan."))
    if (longitude is None) != (latitude is None):
        raise Refused(_("Donnez la latitude et la longitude ensemble, ou aucune des deux."))


def check_session(values: dict[str, Any]) -> None:
    """A session was held, on a known theme, and its counts agree."""
    if values["held_on"] > timezone.localdate():
        raise Refused(_("Cette date est à venir : une séance s’inscrit une fois tenue."))
    if values["theme"] not in session_themes():
        raise Refused(_("Choisissez un thème de la liste."))
    girls, boys = values.get("girls"), values.get("boys")
    if girls is not None and boys is not None and girls + boys != values["attended"]:
        raise Refused(_("Les filles et les garçons ne font pas le total des présents : vérifiez les trois nombres."))


def check_can_join(plan: Plan) -> None:
    if plan.council_id is None:
        raise Refused(_("Ce plan n’a pas de conseil : ses documents restent hors de la plateforme."))
