"""Who reads the coverage of the nation, and when it is counted anew."""

import hashlib
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Sum
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import CoverageRun, Door, Round, Service, Structure
from prevenance.domains.directory.rules.coverage import check_can_see_coverage
from prevenance.domains.territories.models import ReferenceImport, Territory

SILENCE = timedelta(minutes=5)  # a job that gave no sign since then was stopped in the middle
MOST_RESUMED = 5
LATEST = 3  # runs that are looked at: one that goes on, the one before, one that stopped


def check_can_see_nation(actor: Actor) -> None:
    check_can_see_coverage(actor)
    if actor.scope_kind != Territory.Kind.NATION:
        raise Refused(_("La couverture de la France se lit au niveau national ; la vôtre se lit par département."))


def going_on() -> str:
    return _("Un compte est en cours : il dit où il en est.")


def check_not_counted(runs: Collection[CoverageRun], on: date) -> None:
    """At most once a day. `runs`: the latest."""
    if any(run.going for run in runs):
        raise Refused(going_on())
    if any(run.state == CoverageRun.State.DONE and run.day >= on for run in runs):
        raise Refused(_("La couverture a déjà été comptée aujourd’hui : elle l’est une fois par jour au plus."))


def check_can_count(state: str, on: date) -> None:
    """At most once a day, and when there is something new to count. `state`: that of what would be counted."""
    runs = CoverageRun.objects.order_by("-pk")[:LATEST]
    check_not_counted(runs, on)
    done = next((run for run in runs if run.state == CoverageRun.State.DONE), None)
    if done is not None and done.state_counted == state:
        raise Refused(_("Rien n’a changé dans l’annuaire depuis le dernier compte."))


def check_can_ask_count(state: str, on: date, actor: Actor) -> None:
    check_can_see_nation(actor)
    check_can_count(state, on)


def stopped_since(now: datetime) -> datetime:
    return now - SILENCE


def departements() -> list[Territory]:
    """Those whose communes have a population in our territories: not the collectivities of overseas."""
    found = Territory.objects.existing().filter(kind=Territory.Kind.DEPARTEMENT).exclude(zone=Territory.Zone.COM)
    return list(found.order_by("code"))


def state_of(day: date) -> str:
    """A word that changes whenever what is counted does: what is open that day, territories, parameters."""
    services = Service.objects.open(day).aggregate(Count("pk"), Sum("edit"), Max("pk"))
    structures = Structure.objects.aggregate(Count("pk"), Sum("edit"), Max("pk"))
    doors = Door.objects.open(day).aggregate(Count("pk"), Sum("edit"), Max("pk"))
    rounds = Round.objects.running(day).aggregate(Count("pk"), Sum("edit"), Max("pk"))
    said = [value for told in (services, structures, doors, rounds) for value in told.values()]
    said.append(ReferenceImport.objects.state_of_territories())
    print_of = hashlib.sha256("|".join(map(str, said)).encode())
    for path in sorted((settings.DATA / "coverage").glob("*.yaml")):
        print_of.update(path.read_bytes())
    return print_of.hexdigest()
