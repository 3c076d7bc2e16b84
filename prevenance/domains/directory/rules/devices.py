"""Who states how many alert devices a département has, and which figures are shown to whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import DeviceStatement
from prevenance.domains.directory.models.devices import FIGURES, device_kinds, months_back
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.rules.hidden_counts import SUM, alone_small, hidden
from prevenance.domains.strategy.rules.small_counts import threshold
from prevenance.domains.territories.models import Territory

# Figures that count persons, one a device. The stock counts things: it is not hidden.
OF_PERSONS = ("allocated", "in_use", "waiting", "overseas_need")
MOST = 100_000


@dataclass(frozen=True)
class Counts:
    """What is stated of one kind of device, in a place and a month."""

    stock: int
    allocated: int
    in_use: int
    waiting: int
    overseas_need: int | None = None


def check_can_read(actor: Actor) -> None:
    if not actor.can("see_plans"):
        raise Refused(_("Ces comptes se lisent avec les indicateurs des plans : votre rôle ne les ouvre pas."))


def check_can_state_somewhere(actor: Actor) -> None:
    if not actor.can("state_devices") or actor.scope_kind != "departement":
        raise Refused(_("La préfecture, le parquet et l’aide aux victimes du département déclarent ces dispositifs."))


def check_can_state(departement: Territory, actor: Actor) -> None:
    check_can_state_somewhere(actor)
    if departement.pk != actor.territory_id:
        raise Refused(_("Ce département n’est pas le vôtre : d’autres le déclarent."))


def check_statement(
    departement: Territory, court: Territory | None, kind: str, month: date, counts: Counts, today: date
) -> None:
    if kind not in device_kinds():
        raise Refused(_("Choisissez le dispositif dans la liste."))
    oldest = today.year * 12 + today.month - 1 - months_back(today)
    if month.day != 1 or month > today or month.year * 12 + month.month - 1 < oldest:
        raise Refused(_("Ce mois est à venir, ou trop ancien pour être déclaré."))
    if court is not None and not departement.contents.filter(contained=court).exists():
        raise Refused(_("Ce tribunal n’est pas dans le département."))
    if any(value is not None and not 0 <= value <= MOST for value in vars(counts).values()):
        raise Refused(_("Un compte va de 0 à %(most)d.") % {"most": MOST})
    if not counts.in_use <= counts.allocated <= counts.stock:
        raise Refused(_("Les appareils en service sont de ceux attribués, et ceux attribués sont du stock : vérifiez."))
    if counts.overseas_need is not None and departement.zone == Territory.Zone.METROPOLE:
        raise Refused(_("Le besoin outre-mer se déclare outre-mer seulement."))


def check_one_level(departement: Territory, court: Territory | None, kind: str, month: date) -> None:
    """A month is stated for the whole département or court by court: both would be counted twice."""
    others = DeviceStatement.objects.filter(departement=departement, kind=kind, month=month)
    if others.filter(court__isnull=court is not None).exists():
        raise Refused(
            _("Ce mois est déjà déclaré pour tout le département : corrigez cette déclaration.")
            if court is not None
            else _("Ce mois est déjà déclaré tribunal par tribunal : corrigez ces déclarations.")
        )


def check_last(found: DeviceStatement | None, seen: int | None) -> None:
    """What is corrected is the last statement, the one that was read."""
    if (found.pk if found else None) != seen:
        raise Stale(_("Une autre déclaration a été faite entre-temps pour ce mois : relisez-la avant de la corriger."))


def reads_exactly(actor: Actor, departement: int) -> bool:
    """Who states a département reads it as it is, court by court; so does the national level."""
    if actor.can("accept_values") and actor.scope_kind == "nation":
        return True
    return actor.can("state_devices") and actor.territory_id == departement


@dataclass(frozen=True)
class Line:
    """A département of the table: each figure, None where it is too small to be shown or was not stated."""

    departement: Territory | None
    figures: Mapping[str, int | None]
    hidden: frozenset[str]
    stated_on: date | None


def table(statements: Iterable[DeviceStatement], actor: Actor) -> list[Line]:
    """A line a département, then the sum of all. For who does not read them all as they are, small counts of persons
    are hidden, and what would give them away by difference: the next smallest of the column, or its sum.

    Who reads their own département exactly knows its figures: the others are protected as if it were not there.
    """
    of: dict[int, list[DeviceStatement]] = {}
    for one in statements:
        of.setdefault(one.departement_id, []).append(one)
    added = {pk: _added(rows) for pk, rows in of.items()}
    exact = {pk for pk in of if reads_exactly(actor, pk)}
    gone = _hidden({pk: figures for pk, figures in added.items() if pk not in exact})
    lines = [
        _line(rows[0].departement, added[pk], gone, str(pk), max(one.stated_on for one in rows))
        for pk, rows in of.items()
    ]
    lines.sort(key=lambda line: line.departement.sort_name if line.departement else "")
    if lines:
        lines.append(_line(None, _sums(added.values()), gone, SUM, None))
    return lines


def _added(rows: Sequence[DeviceStatement]) -> dict[str, int | None]:
    """The figures of a département: its own statement, or the sum of its courts'."""
    found: dict[str, int | None] = {}
    for name in FIGURES:
        told = [value for one in rows if (value := getattr(one, name)) is not None]
        found[name] = sum(told) if told else None
    return found


def _sums(every: Iterable[Mapping[str, int | None]]) -> dict[str, int | None]:
    found: dict[str, int | None] = dict.fromkeys(FIGURES)
    for figures in every:
        for name, value in figures.items():
            if value is not None:
                found[name] = (found[name] or 0) + value
    return found


def _hidden(added: Mapping[int, Mapping[str, int | None]]) -> set[tuple[str, str]]:
    units = threshold().units
    cells = {
        (str(pk), name): value
        for pk, figures in added.items()
        for name in OF_PERSONS
        if (value := figures[name]) is not None
    }
    # Those who have a device that is not in use are persons too: allocated less in use says how many.
    unused = {
        (str(pk), "in_use"): (figures["allocated"] or 0) - (figures["in_use"] or 0) for pk, figures in added.items()
    }
    idle = {cell for cell, count in unused.items() if alone_small(count, units)}
    gone = hidden(cells, {str(pk): units for pk in added}, besides=idle)
    # Sums of both columns would tell how many they are in all the départements where they are hidden.
    if alone_small(sum(count for cell, count in unused.items() if cell in gone), units):
        gone.add((SUM, "in_use"))
    return gone


def _line(
    departement: Territory | None, figures: Mapping[str, int | None], gone: set[tuple[str, str]], row: str,
    stated_on: date | None,
) -> Line:  # fmt: skip
    out = frozenset(name for name in OF_PERSONS if (row, name) in gone)
    shown = {name: None if name in out else value for name, value in figures.items()}
    return Line(departement, shown, out, stated_on)
