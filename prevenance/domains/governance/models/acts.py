"""Acts: orders, delegations, letters, agreements. Prepared here, signed elsewhere, recorded here.

Once signed, the database itself refuses any change but the copy of what was signed and the day it ended.
"""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Mandate, Person, Scope
from prevenance.domains.governance.models.councils import Council, CouncilReach, Upload, held_by
from prevenance.domains.territories.models import Containment


class ActQuerySet(models.QuerySet["Act"]):
    def visible_to(self, actor):
        """Signed acts of the councils in reach, of one's own territory and those that one is a party to; the others
        for those who prepare them, and for the parties asked to sign them.

        Those near are lists put together, read once: asked as one condition, they had every act of the country read.
        """
        if not actor.can("see_council"):
            return self.none()
        named = ActSignature.objects.filter(scope_id=actor.scope_id).order_by().values("act_id")
        acts = Act.objects.order_by().values("pk")
        reached = CouncilReach.objects.filter(scope_id=actor.scope_id).values("council_id")
        near = acts.filter(scope_id=actor.scope_id).union(named, acts.filter(council_id__in=reached))
        if actor.can("oversee"):
            around = Containment.objects.filter(container_id=actor.territory_id).values("contained_id")
            near = near.union(acts.filter(council=None, scope__territory_id__in=around))
        prepares = held_by(actor)
        if actor.can("see_drafts"):
            prepares |= Q(scope_id=actor.scope_id)
        asked = Q(pk__in=named, submitted_at__isnull=False)
        return self.filter(pk__in=near).filter(Q(signed_on__isnull=False) | prepares | asked)

    def in_state(self, state, on: date | None = None):
        """Those in an `Act.State` on a day: what `Act.state` says of each."""
        day = on or timezone.localdate()
        unsigned, signed = Q(signed_on=None), Q(signed_on__isnull=False)
        over = (
            Q(ended_on__lt=day)
            | Q(ends_on__lt=day)
            | Q(kind=Act.Kind.DELEGATION, mandate__withdrawn_at__isnull=False)
            | Q(kind=Act.Kind.DELEGATION, mandate__valid_to__lt=day)
        )
        # Of nulls, SQL says neither yes nor no: those over are listed, the others are those that are not of the list.
        ended = Q(pk__in=Act.objects.filter(over).values("pk"))
        return self.filter(
            {
                Act.State.DRAFT: unsigned & Q(submitted_at=None),
                Act.State.TO_SIGN: unsigned & Q(submitted_at__isnull=False),
                Act.State.COMING: signed & ~ended & Q(in_force_from__gt=day),
                Act.State.IN_FORCE: signed & ~ended & Q(in_force_from__lte=day),
                Act.State.ENDED: signed & ended,
            }[state]
        )


class Act(models.Model):
    """An act of whoever chairs `scope`, for a council or for none. Its form is dated data (data/governance/acts).

    `values` is what the form asked, `text` the document as prepared; both stay as they are once somebody signed.
    """

    class Kind(models.TextChoices):
        COMPOSITION = "composition", _("Composition")
        DELEGATION = "delegation", _("Délégation")
        ASSIGNMENT = "assignment", _("Lettre de mission")
        POOLING = "pooling", _("Mise en commun")
        SHARING = "sharing", _("Partage des rôles")
        PLAN = "plan", _("Approbation d’un plan")

    class State(models.TextChoices):
        DRAFT = "draft", _("Projet")
        TO_SIGN = "to_sign", _("À signer")
        COMING = "coming", _("Signé, à venir")
        IN_FORCE = "in_force", _("En vigueur")
        ENDED = "ended", _("Terminé")

    council = models.ForeignKey(
        Council, models.CASCADE, null=True, blank=True, related_name="acts", verbose_name=_("conseil")
    )
    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+", verbose_name=_("périmètre de l’auteur"))
    kind = models.CharField(_("nature"), max_length=12, choices=Kind, default=Kind.COMPOSITION)
    form = models.CharField(_("modèle"), max_length=40, default="composition-commune")
    version = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("intitulé"), max_length=300, default="")
    values = models.JSONField(_("réponses au modèle"), default=dict, blank=True)
    text = models.TextField(_("texte"), help_text=_("Document tel que préparé, figé à la première signature."))
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("personne intéressée")
    )
    submitted_at = models.DateTimeField(_("transmis à la signature le"), null=True, blank=True)
    reference = models.CharField(_("référence"), max_length=80, blank=True)
    signed_on = models.DateField(_("signé le"), null=True, blank=True)
    signed_by = models.CharField(_("signataire"), max_length=160, blank=True)
    in_force_from = models.DateField(_("en vigueur le"), null=True, blank=True)
    ends_on = models.DateField(_("dernier jour prévu"), null=True, blank=True)
    ended_on = models.DateField(_("terminé le"), null=True, blank=True, help_text=_("Dernier jour où il a valu."))
    end_reason = models.CharField(_("motif de la fin"), max_length=200, blank=True)
    # The mandate that the act opened or founds; erased with its holder long after both have ended.
    mandate = models.ForeignKey(
        Mandate, models.SET_NULL, null=True, blank=True, related_name="acts", verbose_name=_("mandat")
    )
    scan = models.ForeignKey(
        Upload, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("exemplaire signé")
    )
    prepared_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("préparé par")
    )
    created_at = models.DateTimeField(_("préparé le"), default=timezone.now, editable=False)

    objects = ActQuerySet.as_manager()

    class Meta:
        verbose_name = _("acte")
        verbose_name_plural = _("actes")
        ordering = ["-version", "-id"]
        indexes = [models.Index(fields=["scope", "signed_on"], name="act_scope_signed")]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "council", "kind", "version"], nulls_distinct=False, name="act_version"
            ),
            models.CheckConstraint(
                condition=Q(signed_on=None, in_force_from=None, ended_on=None, scan=None, mandate=None)
                | ~(Q(signed_on=None) | Q(signed_by="")),
                name="act_signed_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(signed_on=None) | Q(in_force_from__gte=F("signed_on")), name="act_in_force_once_signed"
            ),
            models.CheckConstraint(
                condition=(Q(ends_on=None) | Q(in_force_from=None) | Q(ends_on__gte=F("in_force_from")))
                & (Q(ended_on=None) | Q(ended_on__gte=F("signed_on"))),
                name="act_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def trail(self):
        """The scope under which what happens to it is recorded: the council's, else the author's."""
        return self.council.scope_id if self.council else self.scope_id

    @property
    def last_day(self):
        """The last day it is worth, as far as is known today: said, cut short, or the end of the mandate behind it."""
        days = [self.ends_on, self.ended_on]
        if self.kind == self.Kind.DELEGATION and self.mandate:
            withdrawn = self.mandate.withdrawn_at
            days += [self.mandate.valid_to, withdrawn and timezone.localdate(withdrawn)]
        return min((day for day in days if day), default=None)

    @property
    def state(self):
        """Where it stands today, as a `State`."""
        today = timezone.localdate()
        if self.signed_on is None:
            return self.State.TO_SIGN if self.submitted_at else self.State.DRAFT
        cut = self.kind == self.Kind.DELEGATION and self.mandate and self.mandate.withdrawn_at
        if cut or (self.last_day and self.last_day < today):
            return self.State.ENDED
        return self.State.COMING if self.in_force_from > today else self.State.IN_FORCE

    @property
    def state_label(self):
        return self.State(self.state).label


class ActConsultation(models.Model):
    """Somebody whose opinion an act asks: from its form, each with the days it was asked and given."""

    class Opinion(models.TextChoices):
        FAVOURABLE = "favourable", _("Favorable")
        RESERVED = "reserved", _("Avec réserves")
        UNFAVOURABLE = "unfavourable", _("Défavorable")
        NONE = "none", _("Sans avis")

    act = models.ForeignKey(Act, models.CASCADE, related_name="consultations", verbose_name=_("acte"))
    rank = models.PositiveSmallIntegerField(_("ordre"))
    label = models.CharField(_("consulté"), max_length=200)
    required = models.BooleanField(_("nécessaire avant la signature"), default=False)
    asked_on = models.DateField(_("demandé le"), null=True, blank=True)
    answered_on = models.DateField(_("rendu le"), null=True, blank=True)
    opinion = models.CharField(_("avis"), max_length=12, choices=Opinion, blank=True)
    reference = models.CharField(_("référence"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("consultation")
        ordering = ["rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["act", "rank"], name="act_consultation_rank"),
            models.CheckConstraint(
                condition=Q(answered_on=None, opinion="") | Q(answered_on__isnull=False) & ~Q(opinion=""),
                name="act_consultation_answered",
            ),
            models.CheckConstraint(
                condition=Q(asked_on=None) | Q(answered_on=None) | Q(answered_on__gte=F("asked_on")),
                name="act_consultation_asked_before",
            ),
        ]

    def __str__(self):
        return self.label


class ActSignature(models.Model):
    """Somebody whose signature an act needs, and the day it was given on paper. Signed, the row never changes."""

    act = models.ForeignKey(Act, models.CASCADE, related_name="signatures", verbose_name=_("acte"))
    rank = models.PositiveSmallIntegerField(_("ordre"))
    capacity = models.CharField(_("qualité"), max_length=200)
    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+", verbose_name=_("périmètre du signataire"))
    personal = models.BooleanField(_("ne se délègue pas"), default=False)
    name = models.CharField(_("signataire"), max_length=160, blank=True)
    signed_on = models.DateField(_("signé le"), null=True, blank=True)
    recorded_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("déclaré par")
    )
    recorded_at = models.DateTimeField(_("déclaré le"), null=True, blank=True)

    class Meta:
        verbose_name = _("signature d’un acte")
        verbose_name_plural = _("signatures des actes")
        ordering = ["rank", "id"]
        indexes = [models.Index(fields=["scope"], condition=Q(signed_on=None), name="act_signature_awaited")]
        constraints = [
            models.UniqueConstraint(fields=["act", "rank"], name="act_signature_rank"),
            models.CheckConstraint(
                condition=Q(signed_on=None, name="") | Q(signed_on__isnull=False) & ~Q(name=""),
                name="act_signature_by_someone",
            ),
        ]

    def __str__(self):
        return self.capacity
