"""Who opens, changes and ends a plan, and on which plan it stands."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused, reason
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.models import Council
from prevenance.domains.strategy.models import Amendment, Plan
from prevenance.domains.strategy.rules.plan_kinds import PlanKind, act_form, kind_of, kinds_on, latest
from prevenance.domains.territories.models import Territory

LEVELS = {
    "nation": later("la nation"),
    "departement": later("le département"),
    "commune": later("la commune"),
    "epci": later("l’intercommunalité"),
}


@dataclass(frozen=True)
class Place:
    """Where a plan would be held: the scope that holds it, its territory, the council that carries it."""

    scope: Scope
    territory: Territory
    council: Council | None = None


# ------------------------------------------------------------------------------------------------ opening


def place_of(actor: Actor) -> Place | None:
    """Where the actor's mandate opens a plan; None for a mandate that holds none.

    Under a council's mandate the plan is held by whoever holds the council, for the council's territory.
    """
    if actor.mandate is None or not actor.can("hold_plan"):
        return None
    if actor.scope_kind == Scope.Kind.COUNCIL:
        councils = Council.objects.select_related("scope__holder__territory", "territory")
        council = councils.filter(scope=actor.mandate.scope).first()
        if council is None or council.scope.holder is None:
            return None
        return Place(council.scope.holder, council.territory, council)
    scope: Scope = actor.mandate.scope
    return Place(scope, scope.territory) if scope.territory is not None else None


def councils_for(place: Place, kind: PlanKind, on: date) -> list[Council]:
    """The councils that may carry such a plan of the place: the one acted for, else those that its holder holds."""
    if place.council is not None:
        return [place.council]
    form = act_form(kind, place.scope.kind, on)
    if form is None:
        return []
    held = Council.objects.filter(scope__holder=place.scope, territory=place.territory, ended_on=None)
    return list(held.filter(kind__in=form.councils).select_related("scope").order_by("sort_name", "pk"))


def kinds_for(place: Place, actor: Actor, on: date) -> list[tuple[PlanKind, str]]:
    """The kinds of plan that such a holder may have, each with the refusal, "" when there is none."""
    return [
        (kind, reason(check_can_open_plan, place, kind.kind, actor, on))
        for kind in kinds_on(on).values()
        if place.scope.kind in kind.holders
    ]


def check_can_open_plans(actor: Actor) -> None:
    """Open any plan at all."""
    if actor.scope_kind == Scope.Kind.COUNCIL:
        opens = place_of(actor) is not None
    else:  # as place_of says, without reading the territory
        opens = actor.can("hold_plan") and actor.territory_id is not None
    if not opens:
        raise Refused(
            _(
                "Un plan s’ouvre sous un mandat de coordination, de maire, de président d’intercommunalité, du cabinet "
                "du préfet ou du secrétariat général national."
            )
        )


def check_can_open_plan(place: Place, kind: str, actor: Actor, on: date | None = None) -> None:
    """A kind that this holder may have, in a territory that exists, one in preparation at a time unless several."""
    day = on or timezone.localdate()
    check_can_open_plans(actor)
    wanted = kinds_on(day).get(kind)
    if wanted is None:
        raise Refused(_("Cette nature de plan n’est pas connue à cette date."))
    if place.scope.kind not in wanted.holders:
        raise Refused(
            _("Un %(kind)s est tenu par : %(levels)s.")
            % {"kind": wanted.short, "levels": ", ".join(str(LEVELS[one]) for one in wanted.holders)}
        )
    if place.council is not None:
        check_council(place.council, wanted, place.scope, day)
    if place.territory.until is not None:
        raise Refused(_("Ce territoire n’existe plus : choisissez celui qui l’a remplacé."))
    drafts = Plan.objects.filter(kind=kind, territory=place.territory).in_state(Plan.State.DRAFT)
    if not wanted.several and drafts.exists():
        raise Refused(_("Un %(kind)s est déjà en préparation pour ce territoire.") % {"kind": wanted.short})


def check_council(council: Council, kind: PlanKind, holder: Scope, on: date) -> None:
    """A council carries a plan when the act that gives it effect may be taken for such a council."""
    form = act_form(kind, holder.kind, on)
    if council.scope.holder_id != holder.pk or form is None or council.kind not in form.councils:
        raise Refused(
            _("Ce conseil (%(council)s) ne porte pas de %(kind)s.") % {"council": council.kind, "kind": kind.short}
        )
    if council.ended_on is not None:
        raise Refused(_("Ce conseil a pris fin : il ne porte plus de plan."))


def parents_for(kind: PlanKind, territory: Territory, on: date) -> list[Plan]:
    """The plans in force that such a plan may stand under, nearest first."""
    around = Plan.objects.in_force(on).filter(kind__in=kind.parents, territory__contents__contained=territory)
    found = around.select_related("territory").order_by("sort_title", "pk")
    return sorted(found, key=lambda plan: kind.parents.index(plan.kind))


def check_parent(kind: PlanKind, territory: Territory, parent: Plan | None, on: date) -> None:
    if parent is not None and parent not in parents_for(kind, territory, on):
        raise Refused(
            _("Un %(kind)s ne peut relever que d’un plan en vigueur qui couvre son territoire : %(parents)s.")
            % {"kind": kind.short, "parents": ", ".join(latest()[one].short for one in kind.parents) or _("aucun")}
        )


def check_dates(begins: date, ends: date) -> None:
    if ends < begins:
        raise Refused(_("Le dernier jour prévu précède le premier."))


# ------------------------------------------------------------------------------------------------ holding


def holds_plan(plan: Plan, actor: Actor) -> bool:
    """Whether the plan is the actor's own to prepare: models.plans.held_plan, for one plan in hand.

    The coordination of a council that ended still reads it (held_plan), and no longer writes it.
    """
    council = plan.council
    if council is None:
        return holds(plan.scope_id, None, None, actor)
    return holds(plan.scope_id, council.scope_id, council.ended_on, actor)


def holds(scope: int, council: int | None, council_ended_on: date | None, actor: Actor) -> bool:
    """`holds_plan` from the columns of a row: the scopes of the plan and of the council that carries it."""
    if not actor.can("hold_plan"):
        return False
    return actor.scope_id == scope or (council_ended_on is None and council is not None and actor.scope_id == council)


def is_dropped(plan: Plan) -> bool:
    """Whether its first text was given up: it will never take effect. Known with the plan where a list asked it."""
    if "dropped" in plan.__dict__:
        return bool(plan.__dict__["dropped"])
    return plan.in_force_from is None and plan.amendments.filter(number=0, state=Amendment.State.DROPPED).exists()


def check_can_change_plan(plan: Plan, actor: Actor) -> None:
    """Prepare anything of the plan: those who hold it, until it ends."""
    if not holds_plan(plan, actor):
        raise Refused(_("Seuls ceux qui tiennent ce plan, et la coordination du conseil qui le porte, le modifient."))
    if plan.ended_on is not None and plan.ended_on < timezone.localdate():
        raise Refused(
            _("Ce plan a pris fin le %(day)s : il se lit, mais ne change plus.")
            % {"day": date_format(plan.ended_on, "j F Y")}
        )
    if is_dropped(plan):
        raise Refused(_("Ce projet de plan a été abandonné : ouvrez-en un autre."))


def check_same_terms(plan: Plan, title: str, begins: date, ends: date) -> None:
    """What the act approved (title and dates) stays once the plan has taken effect."""
    if plan.in_force_from is not None and (title, begins, ends) != (plan.title, plan.begins, plan.ends):
        raise Refused(_("L’intitulé et les dates d’un plan en vigueur sont ceux de son acte : ils ne changent plus."))


def check_can_end_plan(plan: Plan, actor: Actor) -> None:
    """Whoever holds the plan itself, not the coordination of its council."""
    if plan.in_force_from is None:
        raise Refused(_("Ce plan n’est pas en vigueur : abandonnez plutôt son texte initial."))
    check_can_change_plan(plan, actor)
    if actor.scope_id != plan.scope_id:
        raise Refused(_("Seule l’autorité qui tient ce plan peut déclarer sa fin."))


def check_last_day(plan: Plan, on: date) -> None:
    """A plan ends on a day when it was in force, today at the latest, not before its last amendment."""
    if on > timezone.localdate():
        raise Refused(_("Cette date est à venir : déclarez la fin une fois qu’elle a eu lieu."))
    if plan.in_force_from is not None and on < plan.in_force_from:
        raise Refused(_("Un plan ne finit pas avant d’être entré en vigueur."))
    last = plan.amendments.filter(state=Amendment.State.IN_FORCE).order_by("-in_force_from").first()
    if last is not None and last.in_force_from is not None and on < last.in_force_from:
        raise Refused(_("Un avenant est entré en vigueur après cette date."))


def check_one_in_force(plan: Plan, on: date) -> None:
    """Two plans of a kind are not in force together in a territory, unless the kind says so."""
    if kind_of(plan).several:
        return
    others = Plan.objects.filter(kind=plan.kind, territory=plan.territory_id, in_force_from__isnull=False)
    other = others.exclude(pk=plan.pk).filter(Q(ended_on=None) | Q(ended_on__gte=on)).first()
    if other is not None:
        raise Refused(
            _("« %(title)s » est encore en vigueur ce jour-là : déclarez d’abord sa fin, la veille au plus tard.")
            % {"title": other.title}
        )
