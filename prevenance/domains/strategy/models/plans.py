"""Plans: who holds them, the strategy and the plan that they stand on, their text amended rather than rewritten."""

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import sort_key
from prevenance.domains.accounts.models import Person, Scope
from prevenance.domains.governance.models import Act, Council
from prevenance.domains.strategy.models.catalogue import Strategy
from prevenance.domains.territories.models import Containment, Territory


def near(actor):
    """Territories whose plans in force an actor reads: those inside and those around the territory acted in.

    A plan in force is a public document of a territory; one list, read once (stack.md §10).
    """
    inside = Containment.objects.filter(container_id=actor.territory_id).order_by().values("contained_id")
    around = Containment.objects.filter(contained_id=actor.territory_id).order_by().values("container_id")
    return inside.union(around)


def is_near(actor, path="territory"):
    """Condition: the territory is near the actor. Everything is near the nation: its list would be all of France."""
    return Q() if actor.scope_kind == "nation" else Q(**{f"{path}_id__in": near(actor)})


def held_plan(actor, path="plan"):
    """Condition: the plan is the actor's own to prepare (its territory's, or the council's that they coordinate)."""
    if not actor.can("hold_plan"):
        return Q(pk__in=[])
    prefix = f"{path}__" if path else ""
    return Q(**{f"{prefix}scope_id": actor.scope_id}) | Q(**{f"{prefix}council__scope_id": actor.scope_id})


def read_plans(queryset, actor, path="plan"):
    """Rows whose plan the actor reads: in force or ended near them, and drafts of their own."""
    if not actor.can("see_plans"):
        return queryset.none()
    prefix = f"{path}__" if path else ""
    shown = Q(**{f"{prefix}in_force_from__isnull": False}) & is_near(actor, f"{prefix}territory")
    return queryset.filter(shown | held_plan(actor, path))


def read_with(queryset, actor, shown, path="plan", within=None):
    """Rows whose plan the actor reads, when `shown` holds of them; all where the actor holds the plan.

    `within`: those of one plan. Found for this very actor (`Plan.found_for`), nothing of it is asked again of each
    row: pages of a plan make several such lists, and planning their joins took longer than reading them.
    """
    if within is None:
        return read_plans(queryset, actor, path).filter(shown | held_plan(actor, path))
    rows = queryset.filter(**{path: within})
    if not within.was_found_for(actor):
        return read_plans(rows, actor, path).filter(shown | held_plan(actor, path))
    return rows if within.is_held_by(actor) else rows.filter(shown)


def dropped():
    """Condition of a plan: its first text was given up."""
    first = Amendment.objects.filter(number=0, state=Amendment.State.DROPPED, plan=models.OuterRef("pk"))
    return models.Exists(first)


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, actor):
        return read_plans(self, actor, path="")

    def in_force(self, on: date | None = None) -> "PlanQuerySet":
        day = on or timezone.localdate()
        return self.filter(in_force_from__lte=day).filter(Q(ended_on=None) | Q(ended_on__gte=day))

    def in_state(self, state: str, on: date | None = None) -> "PlanQuerySet":
        """Those in a `Plan.State` on a day."""
        day = on or timezone.localdate()
        if state == Plan.State.IN_FORCE:
            return self.in_force(day)
        if state == Plan.State.ENDED:
            return self.filter(ended_on__lt=day)
        waiting = self.filter(in_force_from=None)
        return waiting.filter(dropped()) if state == Plan.State.DROPPED else waiting.undropped()

    def going_on(self) -> "PlanQuerySet":
        """In preparation or in force: what a list shows unless asked otherwise."""
        return self.filter(ended_on=None).undropped()

    def undropped(self) -> "PlanQuerySet":
        return self.filter(~dropped())


class Plan(models.Model):
    """A plan or local scheme of a territory. What each kind contains and by which act it takes effect is dated data
    (data/strategies/plan_kinds.yaml)."""

    database_rights = "SELECT, INSERT, UPDATE"

    class Kind(models.TextChoices):
        NATIONAL = "national", _("Plan national")
        DEPARTEMENT = "departement", _("Plan départemental de prévention de la délinquance")
        LOCAL_STRATEGY = "local_strategy", _("Stratégie territoriale de sécurité et de prévention de la délinquance")
        LOCAL_PLAN = "local_plan", _("Plan local d’actions")
        SECURITY_CONTRACT = "security_contract", _("Contrat de sécurité intégrée")
        TRANQUILLITY = "tranquillity", _("Schéma local de tranquillité publique")
        VICTIMS = "victims", _("Schéma départemental d’aide aux victimes")

    class State(models.TextChoices):
        DRAFT = "draft", _("En préparation")
        IN_FORCE = "in_force", _("En vigueur")
        ENDED = "ended", _("Terminé")
        DROPPED = "dropped", _("Abandonné")

    kind = models.CharField(_("nature"), max_length=20, choices=Kind)
    title = models.CharField(_("intitulé"), max_length=200)
    sort_title = models.CharField(_("clé de tri"), max_length=200, editable=False)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name=_("territoire"))
    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+", verbose_name=_("périmètre qui le tient"))
    council = models.ForeignKey(
        Council, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("conseil")
    )
    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="+", verbose_name=_("stratégie suivie"))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("plan dont il relève")
    )
    compatibility = models.CharField(
        _("compatibilité"), max_length=1000, blank=True,
        help_text=_("En quoi il est compatible avec le plan dont il relève (CSI L132-6)."),
    )  # fmt: skip
    begins = models.DateField(_("premier jour prévu"))
    ends = models.DateField(_("dernier jour prévu"))
    in_force_from = models.DateField(_("en vigueur depuis le"), null=True, blank=True, editable=False)
    ended_on = models.DateField(_("terminé le"), null=True, blank=True)
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("ouvert par"))
    created_at = models.DateTimeField(_("ouvert le"), default=timezone.now, editable=False)
    edit = models.PositiveIntegerField(_("modification"), default=1)

    reader = None  # the actor of this request, once the plan was found among those that they read

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        ordering = ["sort_title", "id"]
        indexes = [
            models.Index(fields=["territory", "in_force_from"], name="plan_territory"),
            models.Index(fields=["sort_title", "id"], name="plan_sort"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("begins")), name="plan_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(in_force_from__isnull=False, ended_on__gte=F("in_force_from")),
                name="plan_over_once_in_force",
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, **kwargs):
        self.sort_title = sort_key(self.title)
        super().save(**kwargs)

    def found_for(self, actor):
        """Say that the plan came from `visible_to(actor)`; only who has just asked that may say it."""
        self.reader = actor
        return self

    def was_found_for(self, actor):
        """The same object, which lasts one request: an actor of before, or a look-alike, asks again."""
        return self.reader is not None and self.reader is actor and actor.can("see_plans")

    def is_held_by(self, actor):
        """`held_plan` of this plan."""
        holders = (self.scope_id, self.council.scope_id if self.council else None)
        return actor.can("hold_plan") and actor.scope_id in holders

    @property
    def trail(self):
        """The chain under which what happens to it is recorded: its council's, else its holder's."""
        return self.council.scope_id if self.council else self.scope_id


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    def visible_to(self, actor, within=None):
        """Those in force of the plans that one reads; drafts are for those who hold the plan."""
        return read_with(self, actor, Q(state=Amendment.State.IN_FORCE), within=within)


class Amendment(models.Model):
    """What changes a plan on a day. Number 0 is the plan's first text. It takes effect by its kind's act, or for a
    plan that no act of the platform makes (national), by the publication that is named."""

    database_rights = "SELECT, INSERT, UPDATE, DELETE"

    class State(models.TextChoices):
        DRAFT = "draft", _("En préparation")
        IN_FORCE = "in_force", _("En vigueur")
        DROPPED = "dropped", _("Abandonné")

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="amendments", verbose_name=_("plan"))
    number = models.PositiveSmallIntegerField(_("numéro"))
    title = models.CharField(_("intitulé"), max_length=200)
    reason = models.CharField(_("pourquoi"), max_length=1000, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.DRAFT)
    # A project of act that nobody signed may be removed: the amendment then waits for another.
    act = models.OneToOneField(
        Act, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("acte qui lui donne effet")
    )
    published_as = models.CharField(_("publication"), max_length=200, blank=True)
    in_force_from = models.DateField(_("en vigueur le"), null=True, blank=True)
    prepared_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("préparé par"))
    created_at = models.DateTimeField(_("préparé le"), default=timezone.now, editable=False)
    edit = models.PositiveIntegerField(_("modification"), default=1)

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("avenant")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="amendment_number"),
            models.CheckConstraint(
                condition=Q(state="in_force", in_force_from__isnull=False)
                & (Q(act__isnull=False) | ~Q(published_as=""))
                | ~Q(state="in_force") & Q(in_force_from=None),
                name="amendment_in_force_by_an_act",
            ),
        ]

    def __str__(self):
        return self.title


class ProvisionQuerySet(models.QuerySet["Provision"]):
    def visible_to(self, actor):
        return read_plans(self, actor)

    def on(self, day: date) -> "ProvisionQuerySet":
        """The consolidated text on a day."""
        return self.filter(since__lte=day).filter(Q(until=None) | Q(until__gt=day))


class Provision(models.Model):
    """One paragraph of a plan's text, between the amendment that brought it and the one that replaced it.

    `anchor` stays from one version of a paragraph to the next. `part` is a key of the plan's outline, or
    "sheet:NUMBER:problem" and "sheet:NUMBER:objective" for the words of an action sheet. `until` is the first day
    without it.
    """

    # In force, a text is closed by the next one and never rewritten (migration 0002).
    database_rights = "SELECT, INSERT, UPDATE (replaced_by_id, until)"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="provisions", verbose_name=_("plan"))
    anchor = models.UUIDField(_("ancre"), default=uuid.uuid4)
    part = models.CharField(_("partie"), max_length=60)
    position = models.DecimalField(_("place"), max_digits=50, decimal_places=35)
    text = models.TextField(_("texte"))
    brought_by = models.ForeignKey(Amendment, models.PROTECT, related_name="brought", verbose_name=_("apporté par"))
    since = models.DateField(_("à compter du"))
    replaced_by = models.ForeignKey(
        Amendment, models.PROTECT, null=True, blank=True, related_name="replaced", verbose_name=_("remplacé par")
    )
    until = models.DateField(_("jusqu’au"), null=True, blank=True)

    objects = ProvisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("disposition")
        ordering = ["part", "position", "id"]
        indexes = [models.Index(fields=["plan", "since"], name="provision_plan")]
        constraints = [
            models.UniqueConstraint(fields=["plan", "anchor"], condition=Q(until=None), name="provision_one_current"),
            models.CheckConstraint(
                condition=Q(until=None, replaced_by=None)
                | Q(until__isnull=False, replaced_by__isnull=False, until__gte=F("since")),
                name="provision_closed_by_an_amendment",
            ),
        ]


class ChangeQuerySet(models.QuerySet["Change"]):
    def visible_to(self, actor):
        """What a draft would change is for those who hold the plan; once in force, for whoever reads the plan."""
        rows = read_plans(self, actor, path="amendment__plan")
        return rows.filter(Q(amendment__state="in_force") | held_plan(actor, path="amendment__plan"))


class Change(models.Model):
    """What a draft amendment does to one paragraph. `base` is the version that it was written on: when another
    amendment has changed it meanwhile, this one is asked again."""

    class Kind(models.TextChoices):
        INSERT = "insert", _("ajoute")
        REPLACE = "replace", _("remplace")
        REMOVE = "remove", _("retire")

    amendment = models.ForeignKey(Amendment, models.CASCADE, related_name="changes", verbose_name=_("avenant"))
    kind = models.CharField(_("nature"), max_length=8, choices=Kind)
    anchor = models.UUIDField(_("ancre"))
    part = models.CharField(_("partie"), max_length=60)
    position = models.DecimalField(_("place"), max_digits=50, decimal_places=35)
    text = models.TextField(_("texte"), blank=True)
    base = models.ForeignKey(
        Provision, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("version de départ")
    )

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("modification")
        ordering = ["part", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["amendment", "anchor"], name="change_once_an_anchor"),
            models.CheckConstraint(
                condition=Q(kind="insert", base=None) & ~Q(text="")
                | Q(kind="replace", base__isnull=False) & ~Q(text="")
                | Q(kind="remove", base__isnull=False, text=""),
                name="change_whole",
            ),
        ]
