"""Which départements one reads the registers of, and which one is shown first."""

from django.db.models import Exists, OuterRef

from prevenance.domains.directory.models.stations import in_reach
from prevenance.domains.territories.models import Territory


def departements_for(actor):
    """(those that one may read, by name; the code of the one acted in, "" for a region or the nation)."""
    every = Territory.objects.visible_to(actor).existing().filter(in_reach(actor, "pk"), kind="departement")
    own = Exists(Territory.objects.visible_to(actor).filter(pk=OuterRef("pk"), contents__contained=actor.territory_id))
    found = list(every.annotate(own=own).order_by("sort_name", "code"))
    best = max((one for one in found if one.own), key=lambda one: one.weight, default=None)
    return found, best.code if best else ""
