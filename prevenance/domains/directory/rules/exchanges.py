"""Who brings files into the directory and takes them out, of which source, and for how long they are kept."""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Exchange
from prevenance.domains.directory.rules.inclusion.writing import OURS
from prevenance.domains.directory.rules.keeping import check_can_keep_somewhere

NATION = "nation"
FOLDER = "directory"


@cache
def words() -> Any:
    """data/directory/exchanges.yaml."""
    return yaml.safe_load((settings.DATA / "directory" / "exchanges.yaml").read_text(encoding="utf-8"))


def check_can_exchange(actor: Actor) -> None:
    check_can_keep_somewhere(actor)


def holder_of(source: str) -> Exchange | None:
    """The first file of a source that wrote something here: who brought it in keeps the source. An empty one, or one
    whose every row was left, gives nothing to keep."""
    wrote = Exchange.objects.filter(Q(created__gt=0) | Q(updated__gt=0), direction="in", source=source)
    return wrote.select_related("mandate__scope").order_by("pk").first()


def check_can_import(source: str, actor: Actor) -> None:
    """A source is brought in by those who did so first, or by the national secretariat: two files of different dates
    would undo one another."""
    check_can_exchange(actor)
    if source == OURS:
        raise Refused(_("« prevenance » nomme ce qui est inscrit ici : donnez le nom du producteur du fichier."))
    first = holder_of(source)
    if first is not None and actor.scope_kind != NATION and first.mandate.scope_id != actor.scope_id:
        raise Refused(
            _("Cette source est tenue par %(scope)s : demandez-lui de l’actualiser.")
            % {"scope": first.mandate.scope.label}
        )
    if Exchange.objects.filter(direction="in", source=source, state__in=["waiting", "running"]).exists():
        raise Refused(_("Un fichier de cette source est en cours d’import : attendez qu’il soit terminé."))


def check_not_too_many(actor: Actor) -> None:
    if Exchange.objects.filter(mandate__scope=actor.scope_id, state__in=["waiting", "running"]).count() >= int(
        words()["at_once"]
    ):
        raise Refused(_("Plusieurs fichiers se traitent déjà : attendez que l’un soit terminé."))


def place_of(exchange: Exchange, kind: str = "") -> str:
    """Where the file is kept, under a key of ours: a file sent, of `kind`, or the zip to take."""
    return f"{FOLDER}/{exchange.key}-{kind}" if kind else f"{FOLDER}/{exchange.key}.zip"


def places_kept() -> set[str]:
    """Where files are that are still of use: those sent to an import that goes on, those to take."""
    rows = Exchange.objects.filter(state__in=["waiting", "running"]) | Exchange.objects.filter(
        direction="out", state="done"
    )
    return {place_of(row, kind) for row in rows for kind in (row.files if row.direction == "in" else [""])}


def stopped_since(now: datetime) -> datetime:
    """A job that gave no sign since then was stopped in the middle."""
    return now - timedelta(seconds=int(words()["silence_seconds"]))


def due_since(today: date) -> date:
    """Exchanges that ended before that day are erased, with what was said of their records."""
    return today - timedelta(days=int(words()["kept_days"]))
