"""People and their mandates: who may act, where, since when and by which act."""

import datetime as dt

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core.text import sort_key
from prevenance.domains.accounts.models.scopes import Organisation, Scope
from prevenance.domains.accounts.roles import ROLES, role


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, actor):
        """The person alone, their administrators, and whoever manages people in a scope that the person has.

        People are professionals here; persons helped never have a row in this table.
        """
        if not actor.signed_in:
            return self.none()
        if actor.can("manage_people") and actor.scope_kind in ("platform", "nation"):
            return self
        if actor.can("manage_people") or actor.can("see_people"):
            return self.filter(pk__in=Mandate.objects.filter(scope_id__in=actor.reach).values("person_id"))
        return self.filter(pk=actor.person_id)

    def left_before(self, day):
        """Those whom nothing has tied here since `day`: no mandate in force, no open account, no entry."""
        lasting = Q(withdrawn_at=None) & (Q(valid_to=None) | Q(valid_to__gte=day))
        tied = Mandate.objects.filter(lasting | Q(withdrawn_at__date__gte=day) | Q(created_at__date__gte=day))
        account = Q(is_active=True) & ~Q(password="") & ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        recent = Q(created_at__date__gte=day) | Q(last_login__date__gte=day) | Q(deactivated_at__date__gte=day)
        return self.exclude(pk__in=tied.values("person_id")).exclude(account).exclude(recent)


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):
    def get_by_natural_key(self, email):
        return self.get(email=email.strip().lower())


class Person(AbstractBaseUser):
    """A professional, an elected member or a resident who takes part; signs in only once invited."""

    email = models.EmailField(_("adresse électronique"), unique=True)
    given_name = models.CharField(_("prénom"), max_length=80)
    family_name = models.CharField(_("nom"), max_length=80)
    sort_name = models.CharField(_("clé de tri"), max_length=160, editable=False, db_index=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    is_active = models.BooleanField(_("compte ouvert"), default=True)
    created_at = models.DateTimeField(_("créé le"), default=timezone.now, editable=False)
    deactivated_at = models.DateTimeField(_("fermé le"), null=True, blank=True)
    reset_sent_at = models.DateTimeField(_("lien de mot de passe envoyé le"), null=True, blank=True)

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = PersonManager()

    class Meta:
        verbose_name = _("personne")
        verbose_name_plural = _("personnes")
        ordering = ["sort_name", "id"]
        indexes = [models.Index(fields=["sort_name", "id"], name="person_order")]
        constraints = [
            models.CheckConstraint(condition=Q(email=Func(F("email"), function="lower")), name="person_email_lower"),
        ]

    def __str__(self):
        return self.name

    @property
    def name(self):
        return f"{self.given_name} {self.family_name}".strip()

    def has_usable_password(self) -> bool:
        """Whether the person chose a password: Django takes an empty one, of a row made without it, for usable."""
        return bool(self.password) and super().has_usable_password()

    def save(self, **kwargs):
        self.email = self.email.strip().lower()
        self.sort_name = sort_key(self.family_name, self.given_name)
        super().save(**kwargs)


class MandateQuerySet(models.QuerySet["Mandate"]):
    def current(self, on: dt.date | None = None) -> "MandateQuerySet":
        """In force on a day, the end day included, and not withdrawn."""
        day = on or timezone.localdate()
        return self.filter(withdrawn_at=None, valid_from__lte=day).filter(Q(valid_to=None) | Q(valid_to__gte=day))

    def in_state(self, state, on=None):
        """Those in a `Mandate.State` on a day. A mandate is in exactly one state."""
        day = on or timezone.localdate()
        if state == Mandate.State.CURRENT:
            return self.current(day)
        if state == Mandate.State.FUTURE:
            return self.filter(withdrawn_at=None, valid_from__gt=day)
        return self.filter(Q(withdrawn_at__isnull=False) | Q(valid_to__lt=day))

    def visible_to(self, actor):
        """One's own mandates, and those of the scopes where one manages or may see people."""
        if not actor.signed_in:
            return self.none()
        if actor.can("manage_people") and actor.scope_kind in ("platform", "nation"):
            return self
        if actor.can("manage_people") or actor.can("see_people"):
            return self.filter(Q(person_id=actor.person_id) | Q(scope_id__in=actor.reach))
        return self.filter(person_id=actor.person_id)

    def of_people_of(self, actor):
        """Those of the scopes that the actor looks after, whoever holds them: the list of their people."""
        if actor.can("manage_people") and actor.scope_kind in ("platform", "nation"):
            return self
        return self.visible_to(actor).filter(scope_id__in=actor.reach)


class Mandate(models.Model):
    """A person holds a role in a scope, from a day to another, granted by someone under an act.

    A delegated one comes from another mandate of the same role and scope, allows no more than `allows` and never
    outlives it; the database itself ends it with the other, and refuses that it be delegated again (migration 0004).
    """

    class State(models.TextChoices):
        CURRENT = "current", _("En cours")
        FUTURE = "future", _("À venir")
        ENDED = "ended", _("Terminé")

    person = models.ForeignKey(Person, models.PROTECT, related_name="mandates", verbose_name=_("personne"))
    role = models.CharField(_("rôle"), max_length=30, choices=[(key, r.label) for key, r in ROLES.items()])
    scope = models.ForeignKey(Scope, models.PROTECT, related_name="mandates", verbose_name=_("périmètre"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisme")
    )
    valid_from = models.DateField(_("à compter du"))
    valid_to = models.DateField(_("jusqu’au"), null=True, blank=True)
    granted_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("accordé par")
    )
    # An ordinary end is a date; a withdrawal cuts at once, on the very first day too.
    withdrawn_at = models.DateTimeField(_("retiré le"), null=True, blank=True)
    act = models.CharField(
        _("acte"), max_length=200, blank=True, help_text=_("Délibération, arrêté, lettre de mission…")
    )
    delegated_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="delegations",
        verbose_name=_("délégué par le mandat"),
    )
    allows = ArrayField(
        models.CharField(max_length=30), null=True, blank=True, verbose_name=_("capacités déléguées"),
        help_text=_("Vide : toutes celles du rôle."),
    )  # fmt: skip
    created_at = models.DateTimeField(_("créé le"), default=timezone.now, editable=False)

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = _("mandat")
        ordering = ["-valid_from", "id"]
        indexes = [models.Index(fields=["scope", "role"], name="mandate_scope_role")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="mandate_ends_after_it_begins",
                violation_error_message=_("Un mandat ne peut finir avant d’avoir commencé."),
            ),
            models.CheckConstraint(
                condition=Q(delegated_from=None, allows=None) | Q(delegated_from__isnull=False),
                name="mandate_narrowed_when_delegated",
            ),
            ExclusionConstraint(
                name="mandate_not_twice_at_once",
                condition=Q(withdrawn_at=None),
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("scope", RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_to"), models.Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("Cette personne a déjà ce rôle ici à ces dates."),
            ),
        ]

    def __str__(self):
        return f"{role(self.role).label} · {self.scope}"

    @property
    def role_label(self):
        return role(self.role).label

    @property
    def abilities(self):
        """What the mandate allows: its role's, or the part of it that was delegated."""
        every = role(self.role).abilities
        return every if self.allows is None else every & frozenset(self.allows)

    @property
    def state(self):
        """Where it stands today, as a `State`."""
        day = timezone.localdate()
        if self.withdrawn_at or (self.valid_to and self.valid_to < day):
            return self.State.ENDED
        return self.State.FUTURE if self.valid_from > day else self.State.CURRENT

    @property
    def pending_invitation(self):
        """The invitation still waiting for an answer, if any."""
        invitation = getattr(self, "invitation", None)
        return invitation if invitation and invitation.is_pending else None
