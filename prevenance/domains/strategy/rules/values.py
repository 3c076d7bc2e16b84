"""Who reports a value and for which territory, what would count twice, who accepts it. Sets, not one by one: the grid
and an import of fifty thousand rows ask the same questions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused, reason
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.rules.confidential import check_names_nobody
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.models import Indicator, IndicatorValue, Plan, PlanIndicator
from prevenance.domains.strategy.rules.indicators import CATEGORIES, REPORTING
from prevenance.domains.strategy.rules.plans import holds_plan
from prevenance.domains.territories.models import Containment, Territory
from prevenance.engines.rollup import NONE, Reports, overlaps, period_start
from prevenance.engines.rollup import Containment as Links

State = IndicatorValue.State

# From each state, those that may follow.
NEXT: dict[str, tuple[str, ...]] = {
    State.DRAFT: (State.DRAFT, State.SUBMITTED),
    State.RETURNED: (State.DRAFT,),
    State.SUBMITTED: (State.ACCEPTED, State.RETURNED),
    State.ACCEPTED: (),
}
OPEN = (State.DRAFT, State.RETURNED)
MOST = Decimal(10) ** 12  # beyond, a typing mistake


@dataclass(frozen=True)
class Line:
    """What is reported: for one indicator, territory and period, and what of them."""

    indicator: Indicator
    territory: int
    starts: date
    numerator: Decimal | None
    denominator: Decimal | None = None
    part: int | None = None
    sheet: int | None = None
    category: str = ""
    former_code: str = ""
    estimated: bool = False
    note: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two values the same one, as the table's constraints say."""
        return (
            self.indicator.pk, self.starts, self.territory, self.sheet, self.part, self.former_code, self.category,
        )  # fmt: skip


def check_can_enter(plan: Plan, actor: Actor) -> None:
    if not holds_plan(plan, actor):
        raise Refused(_("Seuls ceux qui tiennent ce plan saisissent ses valeurs."))
    if plan.in_force_from is None:
        raise Refused(_("Ce plan n’est pas en vigueur : ses valeurs se saisissent à partir de ce jour-là."))


def check_can_submit(plan: Plan, actor: Actor) -> None:
    check_can_enter(plan, actor)


def token(value: IndicatorValue | None) -> str:
    """What a form says it was shown of a value, so that nobody overwrites what they did not see."""
    return "" if value is None else f"{value.pk}-{value.state}-{value.entered_at:%Y%m%d%H%M%S%f}"


def check_open(value: IndicatorValue) -> None:
    if value.state == State.SUBMITTED:
        raise Stale(_("Cette valeur est transmise : elle ne change plus, sauf si elle vous est rendue."))
    if value.state == State.ACCEPTED:
        raise Stale(_("Cette valeur est acceptée : corrigez-la par une nouvelle valeur."))


def figures_refusal(line: Line, today: date) -> str:
    """What is wrong with the figures, the category, the period or the words of a line; "" when nothing is."""
    if line.numerator is None:
        return _("La valeur manque : écrivez 0 si rien n’a été compté.")
    ratio = line.indicator.nature == Indicator.Nature.RATIO
    if ratio and line.denominator is None:
        return _("Un rapport se saisit en deux nombres : ce qui est compté, et à quoi il est rapporté.")
    if not ratio and line.denominator is not None:
        return _("Cet indicateur n’est pas un rapport : laissez « rapporté à » vide.")
    if line.denominator is not None and line.denominator <= 0:
        return _("Ce à quoi la valeur est rapportée est plus grand que zéro.")
    if any(abs(figure) >= MOST for figure in (line.numerator, line.denominator) if figure is not None):
        return _("Ce nombre est trop grand : vérifiez l’unité.")
    if line.category not in CATEGORIES[line.indicator.split]:
        return _("Cette ventilation n’est pas celle de l’indicateur.")
    return period_refusal(line.indicator, line.starts, today) or (line.note and reason(check_names_nobody, line.note))


def period_refusal(indicator: Indicator, starts: date, today: date) -> str:
    if period_start(starts, indicator.period) != starts:
        return _("Cette date ne commence aucune période de l’indicateur.")
    if starts > today:
        return _("Cette période n’a pas commencé.")
    if indicator.begins is not None and starts < period_start(indicator.begins, indicator.period):
        return _("L’indicateur n’existait pas encore pour cette période.")
    if indicator.retired_on is not None and starts >= indicator.retired_on:
        return _("L’indicateur était abandonné pour cette période.")
    return ""


# ----------------------------------------------------------------------------------------- where it is reported


@dataclass
class Ground:
    """Territories that lines name, as a plan sees them: read once for all the lines."""

    plan: Plan
    territories: dict[int, Territory]
    inside: set[int] = field(default_factory=set)  # lie wholly in the plan's territory
    touching: set[int] = field(default_factory=set)  # lie in it at least in part
    departements: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, plan: Plan, ids: Collection[int]) -> "Ground":
        """Three queries, whatever the number of territories."""
        ground = cls(plan, {row.pk: row for row in Territory.objects.filter(pk__in=among(ids))})
        here = Containment.objects.filter(container=plan.territory_id, contained__in=among(ids))
        for contained, partial in here.values_list("contained", "partial"):
            ground.touching.add(contained)
            if not partial:
                ground.inside.add(contained)
        around = Containment.objects.filter(contained__in=among(ids), container__kind=Territory.Kind.DEPARTEMENT)
        for contained, container in around.order_by("container__code").values_list("contained", "container"):
            ground.departements[contained].append(container)
        return ground

    @classmethod
    def own(cls, plan: Plan) -> "Ground":
        """The plan's own territory: one query for a body, none for the others."""
        here = plan.territory
        ground = cls(plan, {here.pk: here}, {here.pk}, {here.pk})
        if here.kind in (Territory.Kind.EPCI, Territory.Kind.EPT):
            around = Containment.objects.filter(contained=here, container__kind=Territory.Kind.DEPARTEMENT)
            ground.departements[here.pk] += around.order_by("container__code").values_list("container", flat=True)
        return ground

    def parts(self, territory: int) -> list[int | None]:
        """The départements that a territory reports by, each apart; [None] when it lies in one."""
        crossed = self.departements.get(territory, [])
        return list(crossed) if len(crossed) > 1 else [None]

    def refusal(self, line: Line) -> str:
        """Why the plan may not report this line for this territory; "" when it may."""
        if self.plan.ended_on is not None and line.starts > self.plan.ended_on:
            return _("Ce plan avait pris fin avant cette période : elle se saisit dans celui qui lui succède.")
        territory = self.territories.get(line.territory)
        if territory is None or line.territory not in self.touching:
            return _("%(name)s n’est pas dans le territoire de ce plan.") % {"name": territory or _("Ce lieu")}
        if territory.kind not in REPORTING[line.indicator.level]:
            return _("« %(indicator)s » se relève par : %(level)s. %(name)s n’en est pas.") % {
                "indicator": line.indicator.label,
                "level": Indicator.Level(line.indicator.level).label.lower(),
                "name": territory.name,
            }
        crossed = self.departements.get(line.territory, [])
        several = len(crossed) > 1 and territory.kind in (Territory.Kind.EPCI, Territory.Kind.EPT)
        if several and line.part is None:
            return _("%(name)s s’étend sur plusieurs départements : dites duquel parle la valeur.") % {
                "name": territory.name
            }
        if line.part is not None and (not several or line.part not in crossed):
            return _("%(name)s ne se répartit pas sur ce département.") % {"name": territory.name}
        if line.territory not in self.inside and line.part != self.plan.territory_id:
            return _("%(name)s dépasse le territoire de ce plan : seule sa partie s’y rapporte.") % {
                "name": territory.name
            }
        return ""


def rows_of(ground: Ground, indicator: Indicator) -> list[tuple[int, int | None]]:
    """(territory, part) that the plan itself reports of an indicator: nothing when it is collected below it."""
    plan = ground.plan
    if plan.territory.kind not in REPORTING[indicator.level]:
        return []
    return [(plan.territory_id, part) for part in ground.parts(plan.territory_id)]


# ---------------------------------------------------------------------------------------- what counts twice


def current(
    indicators: Collection[int], starts: Collection[date], places: Iterable[int] | None
) -> list[IndicatorValue]:
    """Values that stand or wait, of any plan: two reads, each on its own partial index."""
    found: list[IndicatorValue] = []
    for chosen in (Q(state=State.ACCEPTED, superseded_at=None), ~Q(state=State.ACCEPTED)):
        rows = IndicatorValue.objects.filter(chosen, indicator__in=indicators, starts_on__in=starts)
        if places is not None:
            rows = rows.filter(territory__in=places)
        found += rows.only(
            "id", "indicator_id", "plan_id", "territory_id", "part_id", "sheet_id", "starts_on", "former_code",
            "category", "state",
        )  # fmt: skip
    return found


def among(ids: Iterable[int]) -> RawSQL:
    """Identifiers for `__in`, sent as one array: tens of thousands of parameters would take seconds to write."""
    return RawSQL("SELECT unnest(%s::bigint[])", (list(ids),))


FEW = 500  # territories named: more of them, and reading what lies around each costs more than reading all


def twice(plan: Plan, lines: Sequence[Line]) -> dict[int, str]:
    """{place in `lines`: sentence} of those that another report already counts. A constant number of queries."""
    if not lines:
        return {}
    named = {line.territory for line in lines}
    around = related(named) if len(named) <= FEW else None
    existing = current({line.indicator.pk for line in lines}, {line.starts for line in lines}, around)
    refused = _taken(plan, lines, existing)
    mine = {line.key for line in lines}
    others = [value for value in existing if key_of(value) not in mine]
    groups: dict[tuple[int, date], int] = {}
    formers: dict[str, int] = {"": NONE}

    def row(
        indicator: int, starts: date, place: int, part: int | None, sheet: int | None, former: str
    ) -> tuple[int, ...]:
        group = groups.setdefault((indicator, starts), len(groups))
        return (
            place, NONE if part is None else part, group, NONE if sheet is None else sheet,
            formers.setdefault(former, len(formers)),
        )  # fmt: skip

    rows = [row(a.indicator.pk, a.starts, a.territory, a.part, a.sheet, a.former_code) for a in lines]
    rows += [row(b.indicator_id, b.starts_on, b.territory_id, b.part_id, b.sheet_id, b.former_code) for b in others]
    units = {found[0] for found in rows} | {found[1] for found in rows if found[1] != NONE}
    links = Containment.objects.filter(contained__in=among(units)).values_list("container", "contained", "partial")
    pairs = overlaps(Reports.of(rows), Links.of(list(links)))  # type: ignore[arg-type]
    clashing: dict[int, int] = {}
    for first, second in pairs.tolist():
        for mine_at, other in ((first, second), (second, first)):
            if mine_at < len(lines):
                clashing.setdefault(mine_at, rows[other][0])
    names = dict(Territory.objects.filter(pk__in=among(set(clashing.values()) | named)).values_list("pk", "name"))
    for place, other in clashing.items():
        refused.setdefault(place, _counted_twice(lines[place], other, names))
    return refused


def related(places: Collection[int]) -> set[int]:
    """Territories that contain one of these, or that one of these contains."""
    above = Containment.objects.filter(contained__in=places).values_list("container", flat=True)
    below = Containment.objects.filter(container__in=places).values_list("contained", flat=True)
    return set(above) | set(below)


def key_of(value: IndicatorValue) -> tuple[object, ...]:
    return (
        value.indicator_id, value.starts_on, value.territory_id, value.sheet_id, value.part_id, value.former_code,
        value.category,
    )  # fmt: skip


def _taken(plan: Plan, lines: Sequence[Line], existing: list[IndicatorValue]) -> dict[int, str]:
    """Lines that another plan of the same territory already reports."""
    elsewhere = {key_of(value): value.plan_id for value in existing if value.plan_id != plan.pk}
    taken = {place: elsewhere[line.key] for place, line in enumerate(lines) if line.key in elsewhere}
    titles = dict(Plan.objects.filter(pk__in=set(taken.values())).values_list("pk", "title")) if taken else {}
    return {
        place: _("Cette valeur est déjà saisie dans un autre plan du territoire : « %(plan)s ».")
        % {"plan": titles[other]}
        for place, other in taken.items()
    }


def _counted_twice(line: Line, other: int, names: dict[int, str]) -> str:
    if other == line.territory:
        return _(
            "%(name)s a déjà une valeur d’ensemble, ou par partie (fiche, département, commune d’avant), pour cette "
            "période : les deux compteraient deux fois."
        ) % {"name": names[other]}
    return _(
        "%(other)s rapporte déjà cet indicateur pour cette période : la valeur de %(name)s compterait deux fois."
    ) % {
        "other": names[other],
        "name": names[line.territory],
    }


def check_lines(plan: Plan, lines: Sequence[Line]) -> None:
    """Raises Refused with the sentence of the first line that may not be reported."""
    today = timezone.localdate()
    for line in lines:
        if sentence := figures_refusal(line, today):
            raise Refused(sentence)
    ground, followed = Ground.of(plan, {line.territory for line in lines}), followed_by(plan)
    for line in lines:
        if sentence := unfollowed(line, followed) or ground.refusal(line):
            raise Refused(sentence)
    for sentence in twice(plan, lines).values():
        raise Refused(sentence)


def followed_by(plan: Plan) -> set[tuple[int, int | None]]:
    """(indicator, sheet) that the plan follows; no sheet: for the plan as a whole."""
    return set(PlanIndicator.objects.filter(plan=plan).values_list("indicator", "sheet"))


def unfollowed(line: Line, followed: set[tuple[int, int | None]]) -> str:
    """Why the plan does not report this indicator; "" when it follows it."""
    if (line.indicator.pk, line.sheet) in followed:
        return ""
    if line.sheet is not None:
        return _("Cette fiche ne suit pas l’indicateur « %(label)s ».") % {"label": line.indicator.label}
    return _("Ce plan ne suit pas l’indicateur « %(label)s ».") % {"label": line.indicator.label}


# ------------------------------------------------------------------------------------------------ accepting


def below(actor: Actor) -> Q:
    """Condition on values: the actor stands above them. Those of a département and of the nation are the national
    secretariat's; nobody accepts what their own plan reports, but the last level."""
    if not actor.can("accept_values") or actor.territory_id is None:
        return Q(pk__in=[])
    if actor.scope_kind == "nation":
        return Q(pk__isnull=False)
    wholly = Containment.objects.filter(container=actor.territory_id, partial=False).exclude(
        contained=actor.territory_id
    )
    own = Q(part=None, territory__in=wholly.values("contained")) | Q(part=actor.territory_id)
    return (
        own
        & ~Q(plan__scope=actor.scope_id)
        & ~(Q(plan__council__isnull=False) & Q(plan__council__scope=actor.scope_id))
    )


def check_can_accept(actor: Actor) -> None:
    if not actor.can("accept_values"):
        raise Refused(_("Les valeurs sont acceptées par le niveau au-dessus : préfecture ou secrétariat national."))


def check_can_settle(asked: int, found: Sequence[IndicatorValue], below_me: int, actor: Actor) -> None:
    """`found` are the values asked that still wait, `below_me` how many of them the actor stands above."""
    check_can_accept(actor)
    if below_me < len(found):
        raise Refused(_("Ces valeurs ne sont pas de celles qui vous reviennent."))
    if not found or len(found) < asked:
        raise Stale(_("Ces valeurs ont changé depuis cet affichage : relisez-les, puis recommencez."))


def check_can_correct(value: IndicatorValue, actor: Actor) -> None:
    check_can_enter(value.plan, actor)
    if value.state != State.ACCEPTED:
        raise Refused(_("Cette valeur n’est pas acceptée : modifiez-la dans la saisie."))
    if value.superseded_at is not None:
        raise Stale(_("Cette valeur a déjà été corrigée."))
