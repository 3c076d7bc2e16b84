"""What lets a person in: invitations, recovery codes, sessions."""

import hashlib

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models.people import Mandate, Person


class RecoveryCode(models.Model):
    """A code that stands for the one-time password once, when the telephone is lost. Only its keyed digest is kept."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="recovery_codes", verbose_name=_("personne"))
    digest = models.CharField(_("empreinte du code"), max_length=64)
    created_at = models.DateTimeField(_("créé le"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("code de secours")
        verbose_name_plural = _("codes de secours")
        constraints = [models.UniqueConstraint(fields=["person", "digest"], name="recovery_code_once")]


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, actor, token=""):
        """Those of mandates that the actor looks after; for whoever holds a link, the one that it leads to.

        Only the digest of the link's token is ever compared.
        """
        if token:
            rows = self.filter(digest=digest_of(token))
            return rows.select_related("mandate__person", "mandate__scope", "invited_by")
        if not (actor.signed_in and actor.can("manage_people")):
            return self.none()
        if actor.scope_kind in ("platform", "nation"):
            return self
        return self.filter(mandate__scope_id__in=actor.reach)


def digest_of(token: str) -> str:
    """What is kept of a secret link: enough to recognise it, not to make it."""
    return hashlib.sha256(token.encode()).hexdigest()


class Invitation(models.Model):
    """A link that opens an account, once and until it expires. Only the link's digest is kept."""

    email = models.EmailField(_("adresse électronique"))
    given_name = models.CharField(_("prénom"), max_length=80)
    family_name = models.CharField(_("nom"), max_length=80)
    mandate = models.OneToOneField(Mandate, models.CASCADE, related_name="invitation", verbose_name=_("mandat"))
    digest = models.CharField(_("empreinte du lien"), max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("invité par"))
    created_at = models.DateTimeField(_("envoyée le"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expire le"))
    accepted_at = models.DateTimeField(_("acceptée le"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("annulée le"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")

    @property
    def is_pending(self):
        return self.accepted_at is None and self.cancelled_at is None

    @property
    def is_open(self):
        """Whether its link works now."""
        return self.is_pending and self.expires_at > timezone.now()


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, actor):
        """One's own, still open."""
        return self.filter(person_id=actor.person_id, expire_date__gt=timezone.now()).exclude(person=None)


class SessionManager(BaseSessionManager.from_queryset(SessionQuerySet)):
    pass


class Session(AbstractBaseSession):
    """A signed-in browser, so that a person can see where they are signed in and close it."""

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+", verbose_name=_("personne"))
    browser = models.CharField(_("navigateur"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("ouverte le"), default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(_("vue le"), default=timezone.now)

    objects = SessionManager()

    @property
    def handle(self):
        """A name for this session that opens nothing: its key never appears in a page."""
        return digest_of(self.session_key)[:16]

    @classmethod
    def get_session_store_class(cls):
        from prevenance.domains.accounts.sessions import SessionStore

        return SessionStore
