"""Load the territories of France from the Parquet files of one vintage."""

import datetime
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely
import yaml
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import Identity, action
from prevenance.core.bulk import Changes, make_equal
from prevenance.core.refusals import Refused
from prevenance.core.text import sort_key
from prevenance.domains.territories.models import (
    Containment,
    Contour,
    FormerCode,
    Population,
    PopulationSeries,
    PostalCode,
    ReferenceImport,
    Territory,
)
from prevenance.domains.territories.models.matching import searchable

# Each kind, and what may contain it besides itself. Membership of communes decides; see `Containment`.
ABOVE = {
    "commune": ("ept", "epci", "departement", "region", "nation"),
    "ept": ("epci", "departement", "region", "nation"),
    "epci": ("departement", "region", "nation"),
    "departement": ("region", "nation"),
    "region": ("nation",),
    "nation": (),
}
DIRECT = {
    ("commune", "ept"), ("commune", "epci"), ("commune", "departement"), ("ept", "epci"),
    ("epci", "departement"), ("departement", "region"), ("region", "nation"),
}  # fmt: skip
NATION = "FR"


@action(_("Territoires de référence chargés"))
def load_territories(*, by: Identity, folder: Path, say: Callable[[str], Any] = lambda line: None) -> Changes:
    """Make the tables of territories hold the vintage in `folder`, and tell progress to `say`.

    Territories keep their identifiers from one vintage to the next; those that are gone are closed, not deleted.
    Raises Refused when a later vintage is already loaded: going back would close what still exists.
    """
    about = yaml.safe_load((folder / "reference.yaml").read_text(encoding="utf-8"))
    vintage = int(about["vintage"])
    earlier = ReferenceImport.objects.filter(kind=ReferenceImport.Kind.TERRITORIES)
    if earlier.filter(vintage__gt=vintage).exists():
        raise Refused(_("Un millésime plus récent que %(vintage)s est déjà chargé.") % {"vintage": vintage})
    say("Lecture des fichiers…")
    files = {path.stem: path for path in sorted(folder.glob("*.parquet"))}
    communes = pl.read_parquet(files["communes"])
    members = _membership(communes, pl.read_parquet(files["epci"]), pl.read_parquet(files["ept"]))
    territories = _describe(communes, files, members)

    say(f"Territoires : {territories.height}…")
    with connection.cursor() as cursor:
        # Two loads at once would each try to add the same rows.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('territories.load_territories'))")
    before = set(Territory.objects.values_list("id", flat=True))
    changes = make_equal(Territory._meta.db_table, territories, ("kind", "code"), removable=("id", []))
    known = pl.DataFrame(
        list(Territory.objects.values_list("kind", "code", "id")), schema=["kind", "code", "id"], orient="row"
    )
    identifiers = known.join(territories, on=["kind", "code"], how="semi")
    present = identifiers["id"].to_list()
    _open_and_close(before, identifiers, vintage, dated=earlier.filter(vintage__lt=vintage).exists())

    say("Appartenances…")
    make_equal(
        Containment._meta.db_table,
        _containment(members, identifiers),
        ("container_id", "contained_id"),
        removable=("contained_id", present),
    )
    say("Codes postaux et anciens codes…")
    postal = communes.select(pl.col("code").alias("commune"), pl.col("postal_codes").alias("code")).explode("code")
    postal = _located(postal.drop_nulls().unique(), identifiers).select("code", "territory_id")
    make_equal(PostalCode._meta.db_table, postal, ("code", "territory_id"))
    others = _located(_other_codes(communes, about["arrondissements"]), identifiers)
    make_equal(FormerCode._meta.db_table, others.select("code", "nature", "territory_id"), ("code",))
    say("Populations…")
    _load_populations(about["populations"], communes, members, identifiers)
    say("Contours…")
    make_equal(
        Contour._meta.db_table, _contours(files, identifiers), ("territory_id",), removable=("territory_id", present)
    )

    ReferenceImport.objects.update_or_create(
        kind=ReferenceImport.Kind.TERRITORIES,
        vintage=vintage,
        defaults={
            "zones": " ".join(sorted(communes["zone"].unique())),
            "source": about["source"],
            "licence": about["licence"],
            "digest": _digest(list(files.values())),
            "rows": territories.height,
            "imported_at": timezone.now(),
        },
    )
    audit.record(by=by, scope="platform", vintage=vintage, rows=territories.height, added=changes.added)
    return changes


def _digest(paths: list[Path]) -> str:
    """SHA-256, in hexadecimal, of the files one after the other."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.read_bytes())
    return total.hexdigest()


def _other_codes(communes: pl.DataFrame, arrondissements: list[dict[str, Any]]) -> pl.DataFrame:
    """Codes that are not those of a commune of today but lead to one: commune, code, nature."""
    former = communes.select(pl.col("code").alias("commune"), pl.col("former_codes").alias("code")).explode("code")
    municipal = [
        (series["commune"], str(code))
        for series in arrondissements
        for code in range(series["first"], series["last"] + 1)
    ]
    return pl.concat(
        [
            former.drop_nulls().with_columns(nature=pl.lit("former")),
            pl.DataFrame(municipal, schema=["commune", "code"], orient="row").with_columns(
                nature=pl.lit("arrondissement")
            ),
        ]
    )


def _located(codes: pl.DataFrame, identifiers: pl.DataFrame) -> pl.DataFrame:
    """`codes` with the identifier of their commune, as `territory_id`."""
    communes = identifiers.filter(pl.col("kind") == "commune")
    return codes.join(
        communes.select(pl.col("code").alias("commune"), pl.col("id").alias("territory_id")), on="commune"
    )


def _membership(communes: pl.DataFrame, epci: pl.DataFrame, ept: pl.DataFrame) -> pl.DataFrame:
    """One row for each commune and each territory that it belongs to, itself included: commune, kind, code."""
    of = pl.col("code").alias("commune")
    parts = [communes.select(of, kind=pl.lit("commune"), code=pl.col("code"))]
    for kind, bodies in (("epci", epci), ("ept", ept)):
        parts.append(
            bodies.explode("members").select(pl.col("members").alias("commune"), kind=pl.lit(kind), code=pl.col("code"))
        )
    for kind in ("departement", "region"):
        parts.append(communes.select(of, kind=pl.lit(kind), code=pl.col(kind)).drop_nulls())
    parts.append(communes.select(of, kind=pl.lit("nation"), code=pl.lit(NATION)))
    return pl.concat(parts)


def _describe(communes: pl.DataFrame, files: dict[str, Path], members: pl.DataFrame) -> pl.DataFrame:
    """Every territory with what its row holds, keys for sorting and searching included."""
    nothing = pl.lit("")
    point = {"longitude": pl.lit(None, pl.Float64), "latitude": pl.lit(None, pl.Float64), "point_kind": nothing}
    parts = [
        communes.select(
            "code", "name", "zone", pl.col("siren").fill_null(""), "longitude", "latitude",
            kind=pl.lit("commune"), legal_kind=nothing, point_kind=pl.col("point").fill_null(""),
        )
    ]  # fmt: skip
    zones = members.join(communes.select(pl.col("code").alias("commune"), "zone"), on="commune")
    zones = zones.group_by("kind", "code").agg(pl.col("zone").first())
    for kind in ("epci", "ept"):
        bodies = pl.read_parquet(files[kind]).with_columns(legal_kind=pl.col("kind"))
        bodies = bodies.with_columns(kind=pl.lit(kind)).join(zones, on=["kind", "code"], how="left")
        parts.append(bodies.select("code", "name", "zone", "kind", "legal_kind", siren=pl.col("code"), **point))
    for kind, file in (("departement", "departements"), ("region", "regions")):
        areas = pl.read_parquet(files[file])
        parts.append(
            areas.select("code", "name", "zone", kind=pl.lit(kind), siren=nothing, legal_kind=nothing, **point)
        )
    nation = pl.DataFrame({"code": [NATION], "name": ["France"]})
    parts.append(nation.with_columns(kind=pl.lit("nation"), zone=nothing, siren=nothing, legal_kind=nothing, **point))
    every = pl.concat([part.select(sorted(part.columns)) for part in parts])
    inhabitants = communes.select(
        pl.col("code").alias("commune"),
        weight=pl.coalesce("population_total", "population_municipal", "population", pl.lit(0)),
    )
    weights = members.join(inhabitants, on="commune").group_by("kind", "code").agg(pl.col("weight").sum())
    keys = [(sort_key(n), searchable(n, of_body=k in ("epci", "ept"))) for k, n in every.select("kind", "name").rows()]
    every = every.with_columns(
        sort_name=pl.Series([key[0] for key in keys]), search_name=pl.Series([key[1] for key in keys])
    )
    return every.join(weights, on=["kind", "code"], how="left").with_columns(pl.col("weight").fill_null(0))


def _containment(members: pl.DataFrame, identifiers: pl.DataFrame) -> pl.DataFrame:
    """Who contains whom, at any depth; columns of `Containment`."""
    sizes = members.group_by("kind", "code").agg(size=pl.len())
    inner = members.join(sizes, on=["kind", "code"])
    outer = members.rename({"kind": "outer_kind", "code": "outer_code"})
    allowed = pl.DataFrame(
        [(kind, above, (kind, above) in DIRECT) for kind, kinds in ABOVE.items() for above in kinds]
        + [(kind, kind, False) for kind in ABOVE],
        schema=["kind", "outer_kind", "direct"],
        orient="row",
    )
    pairs = (
        inner.join(outer, on="commune")
        .join(allowed, on=["kind", "outer_kind"])
        .filter((pl.col("kind") != pl.col("outer_kind")) | (pl.col("code") == pl.col("outer_code")))
        .group_by("kind", "code", "outer_kind", "outer_code")
        .agg(pl.col("direct").first(), partial=pl.len() < pl.col("size").first())
    )
    return (
        pairs.join(identifiers.rename({"id": "contained_id"}), on=["kind", "code"])
        .join(
            identifiers.rename({"id": "container_id", "kind": "outer_kind", "code": "outer_code"}),
            on=["outer_kind", "outer_code"],
        )
        .select("container_id", "contained_id", "direct", "partial")
    )


def _contours(files: dict[str, Path], identifiers: pl.DataFrame) -> pl.DataFrame:
    """Outlines of communes and départements as GeoJSON text with their boxes; columns of `Contour`."""
    frames = []
    for kind, file, decimals in (("commune", "contours", 4), ("departement", "departement_contours", 3)):
        table = pl.read_parquet(files[file])
        shapes = shapely.from_wkb(table["contour_wkb"].to_numpy())
        # The simplified outlines of départements move by hundreds of metres: a fourth decimal would only weigh.
        shapes = shapely.transform(shapes, lambda points, decimals=decimals: np.round(points, decimals))
        single = shapely.get_num_geometries(shapes) == 1
        shapes[single] = shapely.get_geometry(shapes[single], 0)
        boxes = shapely.bounds(shapes)
        frames.append(
            pl.DataFrame({"code": table["code"], "geometry": shapely.to_geojson(shapes)}).with_columns(
                kind=pl.lit(kind),
                **{side: pl.Series(boxes[:, n]) for n, side in enumerate(("west", "south", "east", "north"))},
            )
        )
    return (
        pl.concat(frames)
        .join(identifiers, on=["kind", "code"])
        .select(pl.col("id").alias("territory_id"), "geometry", "west", "south", "east", "north")
    )


def _open_and_close(before: set[int], identifiers: pl.DataFrame, vintage: int, *, dated: bool) -> None:
    """Date what appears and what disappears with this vintage; the first one loaded dates no beginning."""
    day = datetime.date(vintage, 1, 1)
    present = set(identifiers["id"])
    if dated:
        Territory.objects.filter(pk__in=present - before).update(since=day)
    Territory.objects.filter(pk__in=before - present, until=None).update(until=day)
    Territory.objects.filter(pk__in=present).exclude(until=None).update(until=None)


def _load_populations(
    series: list[dict[str, Any]], communes: pl.DataFrame, members: pl.DataFrame, identifiers: pl.DataFrame
) -> None:
    frames, loaded = [], []
    for about in series:
        row, _created = PopulationSeries.objects.update_or_create(
            definition=about["definition"],
            year=about["year"],
            defaults={"name": about["name"], "note": about["note"], "source": about["source"]},
        )
        loaded.append(row.pk)
        figures = communes.select(pl.col("code").alias("commune"), pl.col(about["column"]).alias("value"))
        sums = (
            members.join(figures, on="commune")
            .group_by("kind", "code")
            .agg(pl.col("value").sum(), missing=pl.col("value").is_null().sum(), known=pl.col("value").count())
            .filter(pl.col("known") > 0)
            .join(identifiers, on=["kind", "code"])
        )
        frames.append(
            sums.select(pl.col("id").alias("territory_id"), pl.lit(row.pk).alias("series_id"), "value", "missing")
        )
    make_equal(
        Population._meta.db_table, pl.concat(frames), ("territory_id", "series_id"), removable=("series_id", loaded)
    )
