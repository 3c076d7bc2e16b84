"""Take in the list of priority neighbourhoods of one vintage."""

import hashlib

import polars as pl
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import Identity, action
from prevenance.core.bulk import Changes, make_equal
from prevenance.domains.territories.forms import read_neighbourhoods
from prevenance.domains.territories.models import (
    FormerCode,
    NeighbourhoodCommune,
    PriorityNeighbourhood,
    ReferenceImport,
    Territory,
)

SOURCE = "Agence nationale de la cohésion des territoires, liste des quartiers prioritaires de la politique de la ville"
LICENCE = "Licence Ouverte 2.0"


@action(_("Quartiers prioritaires chargés"))
def import_neighbourhoods(*, by: Identity, data: bytes, filename: str, vintage: int) -> Changes:
    """Make the list of `vintage` hold exactly the neighbourhoods of the file; other vintages are untouched.

    Raises forms.UnusableList or core.documents.spreadsheet.UnreadableTable, having written nothing.
    """
    zones = dict(Territory.objects.existing().filter(kind="commune").values_list("pk", "zone"))
    communes = dict(FormerCode.objects.values_list("code", "territory_id"))
    communes |= dict(Territory.objects.existing().filter(kind="commune").values_list("code", "pk"))
    listed = read_neighbourhoods(data, filename, communes)

    frame = pl.DataFrame([{"code": n.code, "name": n.name, "vintage": vintage} for n in listed])
    earlier = list(PriorityNeighbourhood.objects.filter(vintage=vintage).values_list("pk", flat=True))
    gone = PriorityNeighbourhood.objects.filter(vintage=vintage).exclude(code__in=[n.code for n in listed])
    gone.delete()
    changes = make_equal(
        PriorityNeighbourhood._meta.db_table, frame, ("code", "vintage"), removable=("vintage", [vintage])
    )
    identifiers = dict(PriorityNeighbourhood.objects.filter(vintage=vintage).values_list("code", "pk"))
    places = [(identifiers[n.code], commune) for n in listed for commune in sorted(n.communes)]
    make_equal(
        NeighbourhoodCommune._meta.db_table,
        pl.DataFrame(places, schema=["neighbourhood_id", "commune_id"], orient="row"),
        ("neighbourhood_id", "commune_id"),
        removable=("neighbourhood_id", sorted({*earlier, *identifiers.values()})),
    )
    ReferenceImport.objects.update_or_create(
        kind=ReferenceImport.Kind.NEIGHBOURHOODS,
        vintage=vintage,
        defaults={
            "zones": " ".join(sorted({zones[commune] for _neighbourhood, commune in places})),
            "source": f"{SOURCE} {vintage}",
            "licence": LICENCE,
            "digest": hashlib.sha256(data).hexdigest(),
            "rows": len(listed),
            "imported_at": timezone.now(),
        },
    )
    audit.record(by=by, scope="platform", vintage=vintage, rows=len(listed), added=changes.added)
    return changes
