"""What measure 20 asks of a département and of a post, answered from the register; who keeps it, what it may hold."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Protocol, TypeVar

import yaml
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import StationAgreement, StationPost
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Containment, Territory

MET, NOT_MET, CANNOT_TELL, NOT_ASKED = "met", "not_met", "cannot_tell", "not_asked"
FIRST_YEAR = 2006  # the circulars that created these posts


@cache
def _records(name: str) -> list[dict[str, Any]]:
    everything = yaml.safe_load((settings.DATA / "directory" / "stations.yaml").read_text(encoding="utf-8"))
    return sorted(everything[name], key=lambda record: record["from"])


def term(name: str, on: date) -> dict[str, Any] | None:
    """The record of data/directory/stations.yaml that applies on a day; None before the first one."""
    return next((record for record in reversed(_records(name)) if record["from"] <= on), None)


def months_after(day: date, months: int) -> date:
    """The same day so many months later (earlier when negative), or the 28th when that month is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, day.day if day.day <= 28 else 28)


class Lasting(Protocol):
    """An agreement, or what a list reads of one."""

    @property
    def starts_on(self) -> date: ...

    @property
    def ends_on(self) -> date: ...


class Paid(Protocol):
    """A year's funding, or what a list reads of it."""

    @property
    def total(self) -> Decimal | None: ...

    @property
    def state(self) -> Decimal | None: ...


OneLasting = TypeVar("OneLasting", bound=Lasting)


@dataclass(frozen=True)
class Answer:
    """An answer and the sentence that says why."""

    state: str
    why: str

    @property
    def label(self) -> str:
        return {
            MET: _("satisfait"), NOT_MET: _("pas atteint"), CANNOT_TELL: _("impossible à dire"),
            NOT_ASKED: _("non demandé"),
        }[self.state]  # fmt: skip

    @property
    def kind(self) -> str:
        """The kind of badge."""
        return {MET: "success", NOT_MET: "warning", CANNOT_TELL: "info", NOT_ASKED: ""}[self.state]


def enough(code: str, filled: int, vacant: int, complete_on: date | None, on: date) -> Answer:
    """Whether a département, by its code, has as many as the strategy asks. A vacant post is nobody; what is missing
    from a register that nobody said complete may only not be inscribed."""
    record = term("least", on)
    if record is None:
        return Answer(NOT_ASKED, _("Aucun texte connu ici n’en demande à cette date."))
    if code in record["not_departements"]:
        return Answer(NOT_ASKED, _("La stratégie parle des départements : elle ne dit rien de cette collectivité."))
    least = record["posts"]
    told = {"filled": filled, "least": least, "vacant": vacant}
    if filled >= least:
        return Answer(MET, _("%(filled)d postes pourvus, pour au moins %(least)d demandés.") % told)
    if not complete(complete_on, on):
        return Answer(
            CANNOT_TELL,
            _("%(filled)d pourvu, %(vacant)d vacant, sur %(least)d demandés ; personne n’a dit ce registre complet.")
            % told,
        )
    return Answer(NOT_MET, _("%(filled)d pourvu, %(vacant)d vacant, pour au moins %(least)d demandés.") % told)


def complete(said_on: date | None, on: date) -> bool:
    """Whether somebody said not too long ago that every post of the département is inscribed."""
    record = term("reminders", on)
    return said_on is not None and record is not None and months_after(said_on, record["complete"]) >= on


def first_agreement(agreements: Iterable[OneLasting]) -> OneLasting | None:
    return min(agreements, key=lambda agreement: agreement.starts_on, default=None)


def state_pays(funding: Paid | None, year: int, agreements: Collection[Lasting]) -> Answer:
    """Whether the State pays what the strategy asks of it in a year, once the first agreement has ended."""
    record = term("state_share", date(year, 12, 31))
    if record is None:
        return Answer(NOT_ASKED, _("Aucun texte connu ici ne fixe de part cette année-là."))
    first = first_agreement(agreements)
    if first is None:
        return Answer(CANNOT_TELL, _("La première convention n’est pas inscrite : on ne sait pas quand elle a fini."))
    if year <= first.ends_on.year:
        return Answer(NOT_ASKED, _("La première convention court encore cette année-là."))
    if funding is None or funding.total is None or funding.state is None:
        return Answer(CANNOT_TELL, _("Il manque le coût du poste ou la part de l’État."))
    told = {"share": f"{share(funding):.1f}".replace(".", ","), "asked": record["percent"]}
    if funding.state * 100 >= funding.total * record["percent"]:
        return Answer(MET, _("L’État paie %(share)s %%, pour au moins %(asked)d %% demandés.") % told)
    return Answer(NOT_MET, _("L’État paie %(share)s %%, pour au moins %(asked)d %% demandés.") % told)


def share(funding: Paid) -> Decimal | None:
    """Percent of the cost that the State pays; None when a figure is missing."""
    if funding.total is None or funding.state is None:
        return None
    return funding.state * 100 / funding.total


def full_time_share(hours: Decimal | None, on: date) -> int | None:
    """Percent of a full-time post."""
    record = term("full_time", on)
    return None if hours is None or record is None else round(hours * 100 / record["hours"])


def current_agreement(agreements: Iterable[OneLasting], on: date) -> OneLasting | None:
    """The one in force, or else the last."""
    known = sorted(agreements, key=lambda agreement: agreement.starts_on)
    running = [one for one in known if one.starts_on <= on <= one.ends_on]
    return running[-1] if running else known[-1] if known else None


def ending_before(on: date) -> date:
    """An agreement that ends by that day is shown as ending soon."""
    record = term("reminders", on)
    return on if record is None else months_after(on, record["ending"])


def departement_of(commune: Territory) -> Territory:
    """The département (or what has its place overseas) that a commune lies in. Raises Refused where there is none."""
    around = Containment.objects.filter(contained=commune).order_by().values("container_id")
    found = Territory.objects.filter(kind="departement", pk__in=around).order_by("-weight", "pk").first()
    if found is None:
        raise Refused(_("%(commune)s n’est dans aucun département : son registre n’existe pas.") % {"commune": commune})
    return found


def keeps_stations(departement: Territory, actor: Actor) -> bool:
    """The préfecture of the département, or the nation: the ability is held nowhere else."""
    here = actor.scope_kind == Territory.Kind.NATION or departement.pk == actor.territory_id
    return here and actor.can("keep_stations")


def check_can_keep_somewhere(actor: Actor) -> None:
    if not actor.can("keep_stations"):
        raise Refused(_("Ce registre est tenu par la préfecture de chaque département et par le niveau national."))


def check_can_keep(departement: Territory, actor: Actor) -> None:
    check_can_keep_somewhere(actor)
    if not keeps_stations(departement, actor):
        raise Refused(
            _("%(place)s n’est pas votre département : son registre est tenu par sa préfecture.")
            % {"place": departement.name}
        )


def check_can_see(actor: Actor) -> None:
    if not actor.can("see_coverage"):
        raise Refused(_("Ce registre se lit à la coordination, à la mairie, à la préfecture et au niveau national."))


def check_can_see_the_nation(actor: Actor) -> None:
    check_can_see(actor)
    if actor.scope_kind != Territory.Kind.NATION:
        raise Refused(_("Le tableau de tous les départements se lit au niveau national."))


def check_can_edit(post: StationPost, actor: Actor) -> None:
    check_can_keep(post.departement, actor)
    if post.closed_on is not None:
        raise Refused(_("Ce poste est fermé : il se lit, mais ne change plus."))


def check_can_close(post: StationPost, actor: Actor) -> None:
    check_can_keep(post.departement, actor)
    if post.closed_on is not None:
        raise Stale(_("Ce poste est déjà fermé."))


def check_days(opened_on: date, vacant_since: date | None) -> None:
    if vacant_since is not None and vacant_since < opened_on:
        raise Refused(_("Un poste ne peut être vacant avant d’avoir ouvert."))
    if vacant_since is not None and vacant_since > timezone.localdate():
        raise Refused(_("Une vacance à venir ne s’inscrit pas : dites-la quand le poste n’est plus tenu."))


def check_closing(on: date, opened_on: date) -> None:
    if on > timezone.localdate():
        raise Refused(_("Cette date est à venir : inscrivez la fermeture une fois qu’elle a eu lieu."))
    if on < opened_on:
        raise Refused(_("La fermeture ne peut pas précéder l’ouverture."))


def check_agreement(post: StationPost, starts_on: date, ends_on: date) -> None:
    """Two agreements of a post do not run on the same day: the funding of a year would have two answers."""
    if ends_on <= starts_on:
        raise Refused(_("La convention finit avant de commencer : échangez ses deux dates."))
    if post.agreements.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
        raise Refused(_("Une autre convention de ce poste court déjà à ces dates."))


def check_funding(year: int, total: Decimal | None, state: Decimal | None, on: date) -> None:
    if not FIRST_YEAR <= year <= on.year + 1:
        raise Refused(_("Choisissez une année, de %(first)d à l’an prochain.") % {"first": FIRST_YEAR})
    if total is None and state is None:
        raise Refused(_("Dites au moins le coût du poste ou la part de l’État."))
    if total is not None and state is not None and state > total:
        raise Refused(_("La part de l’État dépasse le coût du poste : vérifiez les deux montants."))


def lasts_as_asked(agreement: StationAgreement) -> bool | None:
    """Whether an agreement lasts as long as the strategy asks, to a month; None when it asks nothing."""
    record = term("agreement", agreement.signed_on)
    if record is None:
        return None
    wanted = months_after(agreement.starts_on, 12 * record["years"])
    return months_after(wanted, -1) <= agreement.ends_on <= months_after(wanted, 1)
