"""A person's meetings in the calendar of their choice, by an address that only they know."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.domains.accounts.models import Person


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def visible_to(self, actor):
        """One's own."""
        return self.filter(person=actor.person_id) if actor.signed_in else self.none()


class CalendarFeed(models.Model):
    """The address is told once: the database keeps its digest alone, and another one replaces it."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="+", verbose_name=_("personne"))
    digest = models.CharField(_("empreinte du secret"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("créé le"), default=timezone.now, editable=False)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("agenda personnel")
        verbose_name_plural = _("agendas personnels")
        constraints = [
            models.CheckConstraint(condition=models.Q(digest__regex="^[0-9a-f]{64}$"), name="feed_keeps_a_digest")
        ]
