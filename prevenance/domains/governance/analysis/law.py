"""From records on disk and rows of the database to what the engine of obligations reads."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db.models import Max, QuerySet
from django.utils import timezone

from prevenance.domains.accounts.models import Mandate
from prevenance.domains.governance.models import Body, Council, Meeting, Membership
from prevenance.domains.governance.rules.kinds import families, of_family, with_plenary
from prevenance.domains.territories.models import (
    NeighbourhoodCommune,
    Population,
    PopulationSeries,
    ReferenceImport,
    Territory,
)
from prevenance.engines.obligations import (
    Answer,
    Facts,
    Figure,
    Law,
    LawError,
    Record,
    decide,
    place_of,
    places_from,
    records_from,
    summary,
)
from prevenance.engines.obligations import Council as DeclaredCouncil

Definition = PopulationSeries.Definition
PLACES, LISTS = "places.yaml", "neighbourhood_lists.yaml"
BODIES = ("epci", "ept")  # intercommunal bodies that a commune may be in


@cache
def load_law() -> Law:
    """The law of data/law, checked. Raises `LawError` naming the file, the record and the fault."""
    return read_law(settings.DATA / "law")


def read_law(folder: Path) -> Law:
    """The law of a folder: places, and records in every other YAML file. Raises LawError, also for a file unread."""
    contents: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            contents[path.name] = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as fault:
            raise LawError(f"{path.name}: {fault}") from None
    contents.pop(LISTS, None)
    places = places_from(contents.pop(PLACES, []), PLACES)
    records = [record for name, rows in contents.items() for record in records_from(rows, name)]
    return Law(records, places)


def place(code: str, departement: str, zone: str) -> str:
    """Where a territory is in the sense of the law (a key of data/law/places.yaml), "" when nothing says it."""
    return place_of(load_law().places.values(), code, departement, zone)


def departement_code(kind: str, code: str) -> str:
    """Code of the département (or overseas collectivity) of a commune; of a département, its own; otherwise ""."""
    if kind == "departement":
        return code
    if kind != "commune":
        return ""
    return code[:3] if code.startswith(("97", "98")) else code[:2]


def facts_for(territory: Territory, on: datetime.date) -> Facts:
    """What is known of one territory on a day."""
    return facts_of(Territory.objects.filter(pk=territory.pk), on)[0]


def facts_of(
    territories: QuerySet[Territory], on: datetime.date, definitions: Iterable[str] = tuple(Definition)
) -> list[Facts]:
    """What is known of many territories on a day, in the order of the queryset, in a constant number of queries.

    Of the populations, only the `definitions` asked are read.

    Councils, coordinators and dates of plenaries are facts that the law makes public (acts of the mayor): they are
    counted whatever the reader's mandate. No name of a person is read.
    """
    rows = list(territories.values_list("pk", "kind", "code", "name", "zone"))
    figures, declared = _figures(territories, on, definitions), _councils(territories, on)
    intercommunal, qpv = _intercommunal(territories, on), _neighbourhoods(on)
    coordinated, plenaries, members = (
        (_coordinated(territories, on), _plenaries(territories, on), _members(territories, on))
        if declared
        else (set(), {}, {})
    )
    found = []
    for pk, kind, code, name, zone in rows:
        above = tuple(intercommunal.get(pk, ()))
        known = qpv.get(zone) if kind == "commune" else None
        found.append(
            Facts(
                code=code,
                kind=kind,
                place=_place(code, departement_code(kind, code), zone),
                name=name,
                populations=figures.get(pk, {}),
                qpv=None if known is None else pk in known,
                councils=tuple(declared.get(pk, ())),
                intercommunal_councils=above,
                coordinator=pk in coordinated,
                last_plenary=plenaries.get(pk),
                members=members.get(pk),
                competence=True if above else None,  # a council declared by the body supposes the competence
            )
        )
    return found


def counts_by_departement(on: datetime.date) -> dict[str, dict[str, dict[Answer, int]]]:
    """{code of département: {rule: {answer: communes}}} for the communes that exist on the day."""
    groups: dict[str, list[Facts]] = defaultdict(list)
    counted = {record.population.definition for record in load_law().records if record.population}
    communes = Territory.objects.existing(on).filter(kind="commune").order_by("code")
    for facts in facts_of(communes, on, counted):
        groups[departement_code("commune", facts.code)].append(facts)
    return {code: summary(group, load_law(), on) for code, group in groups.items()}


def communes_answering(departement: Territory, rule: str, answer: Answer, on: datetime.date) -> list[Facts]:
    """Communes of a département that have this answer to a rule on the day, by name."""
    communes = Territory.objects.existing(on).filter(kind="commune", code__startswith=departement.code)
    law, found = load_law(), []
    versions: dict[str, Record | None] = {}
    for facts in facts_of(communes.order_by("sort_name", "code"), on):
        if facts.place not in versions:
            in_force = {one.rule: one.record for one in law.in_force("commune", facts.place, on)}
            versions[facts.place] = in_force.get(rule)
        if decide(versions[facts.place], facts, on) is answer:
            found.append(facts)
    return found


@cache
def _place(code: str, departement: str, zone: str) -> str:
    return place(code, departement, zone)


def _figures(
    territories: QuerySet[Territory], on: datetime.date, definitions: Iterable[str]
) -> dict[int, dict[str, Figure]]:
    """For each definition, the latest year that had come by the day; failing that the figure without a year, and
    failing that the first later one. A sum that lacks communes is not a population."""
    best: dict[int, dict[str, Figure]] = defaultdict(dict)
    rows = Population.objects.filter(territory__in=territories, missing=0, series__definition__in=definitions)
    for pk, definition, year, value in rows.values_list("territory_id", "series__definition", "series__year", "value"):
        figure, known = Figure(value, year), best[pk].get(definition)
        if known is None or _preference(figure, on) > _preference(known, on):
            best[pk][definition] = figure
    return best


def _preference(figure: Figure, on: datetime.date) -> tuple[int, int]:
    if figure.year is None:
        return (1, 0)
    return (2, figure.year) if figure.year <= on.year else (0, -figure.year)


def _declared(kind: str, founded: datetime.date | None, ended: datetime.date | None, holder: str) -> DeclaredCouncil:
    return DeclaredCouncil(kind, founded, ended and ended - datetime.timedelta(days=1), holder)


def _councils(territories: QuerySet[Territory], on: datetime.date) -> dict[int, list[DeclaredCouncil]]:
    found: dict[int, list[DeclaredCouncil]] = defaultdict(list)
    rows = Council.objects.filter(territory__in=territories).order_by("founded_on", "pk")
    for pk, kind, founded, ended in rows.values_list("territory_id", "kind", "founded_on", "ended_on"):
        council = _declared(families()[kind], founded, ended, "")
        if council.exists_on(on):
            found[pk].append(council)
    return found


def _intercommunal(territories: QuerySet[Territory], on: datetime.date) -> dict[int, list[DeclaredCouncil]]:
    """Councils of the intercommunal bodies that contain each commune."""
    found: dict[int, list[DeclaredCouncil]] = defaultdict(list)
    rows = Council.objects.filter(
        kind__in=of_family(Council.Kind.CISPD),
        territory__kind__in=BODIES,
        territory__contents__contained__in=territories,
        territory__contents__contained__kind="commune",
    ).order_by("founded_on", "pk")
    for pk, kind, founded, ended, holder in rows.values_list(
        "territory__contents__contained_id", "kind", "founded_on", "ended_on", "territory__name"
    ):
        council = _declared(families()[kind], founded, ended, holder)
        if council.exists_on(on):
            found[pk].append(council)
    return found


def neighbourhood_vintages(on: datetime.date) -> dict[str, int]:
    """{zone: vintage} of the lists of priority neighbourhoods in force on the day, for those that were loaded."""
    loaded = {
        vintage: zones.split()
        for vintage, zones in ReferenceImport.objects.filter(kind=ReferenceImport.Kind.NEIGHBOURHOODS).values_list(
            "vintage", "zones"
        )
    }
    wanted = {
        zone: row["vintage"]
        for row in neighbourhood_lists()
        for zone in row["zones"]
        if row["valid_from"] <= on and (row["valid_to"] is None or on <= row["valid_to"])
    }
    return {zone: vintage for zone, vintage in wanted.items() if zone in loaded.get(vintage, ())}


def _neighbourhoods(on: datetime.date) -> dict[str, set[int]]:
    """{zone: communes with a priority neighbourhood}, for the zones whose list in force on the day was loaded."""
    usable = neighbourhood_vintages(on)
    if not usable:
        return {}
    communes: dict[int, set[int]] = defaultdict(set)
    rows = NeighbourhoodCommune.objects.filter(neighbourhood__vintage__in=set(usable.values()))
    for vintage, pk in rows.values_list("neighbourhood__vintage", "commune_id"):
        communes[vintage].add(pk)
    return {zone: communes[vintage] for zone, vintage in usable.items()}


@cache
def neighbourhood_lists() -> Iterable[dict[str, Any]]:
    """Vintages of the list of priority neighbourhoods, with the zones and days where each is in force."""
    rows: list[dict[str, Any]] = yaml.safe_load((settings.DATA / "law" / LISTS).read_text(encoding="utf-8"))
    return tuple(rows)


def _coordinated(territories: QuerySet[Territory], on: datetime.date) -> set[int]:
    """Territories one of whose own councils has a coordinator in office on the day."""
    councils = Council.objects.filter(territory__in=territories, kind__in=with_plenary())
    scopes = dict(councils.values_list("scope_id", "territory_id"))
    held = Mandate.objects.current(on).filter(role="coordinator", scope_id__in=scopes)
    return {scopes[scope] for scope in held.values_list("scope_id", flat=True)}


def _plenaries(territories: QuerySet[Territory], on: datetime.date) -> dict[int, datetime.date]:
    """Day of the last plenary held by each territory's council, up to the day."""
    held = Meeting.objects.filter(
        council__territory__in=territories,
        council__kind__in=with_plenary(),
        body__kind=Body.Kind.PLENARY,
        state__in=(Meeting.State.HELD, Meeting.State.APPROVED),
        starts_at__date__lte=on,
    )
    rows = held.order_by().values_list("council__territory_id").annotate(last=Max("starts_at"))
    return {pk: timezone.localdate(last) for pk, last in rows}


def _members(territories: QuerySet[Territory], on: datetime.date) -> dict[int, frozenset[str]]:
    """Keys of the members of right in each council's plenary; a council without any member has no composition."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = Membership.objects.current(on).filter(
        body__council__territory__in=territories,
        body__council__kind__in=with_plenary(),
        body__kind=Body.Kind.PLENARY,
    )
    for pk, key in rows.values_list("body__council__territory_id", "of_right_as"):
        found[pk].add(key)
    return {pk: frozenset(filter(None, keys)) for pk, keys in found.items()}
