"""Which départements one reads the registers of, and which one is shown first."""

from django.db.models import Exists, OuterRef, Subquery

from prevenance.core.composed import composed
from prevenance.domains.directory.models import StationRegister
from prevenance.domains.directory.models.stations import in_reach
from prevenance.domains.territories.models import Territory


def departements_for(actor):
    """(those that one may read, by name, each with `complete_on`, the day when its register of stations was last said
    complete; the code of the one acted in, "" for a region or the nation)."""
    found = departements_read(actor)
    best = max((one for one in found if one.own), key=lambda one: one.weight, default=None)
    return found, best.code if best else ""


@composed
def departements_read(actor):
    every = Territory.objects.visible_to(actor).existing().filter(in_reach(actor, "pk"), kind="departement")
    own = Exists(Territory.objects.visible_to(actor).filter(pk=OuterRef("pk"), contents__contained=actor.territory_id))
    said = StationRegister.objects.visible_to(actor).filter(departement=OuterRef("pk")).values("confirmed_on")
    every = every.annotate(own=own, complete_on=Subquery(said[:1])).only("kind", "code", "name", "weight")
    return every.order_by("sort_name", "code")
