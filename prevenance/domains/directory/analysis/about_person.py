"""What the directory holds about a person who works with it, in words, for the person."""

from typing import Any

from django.utils.translation import gettext as _

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.analysis import day, moment
from prevenance.domains.directory.models import OrientationLink, ReviewReminder


def held_about(actor: Actor) -> dict[str, Any]:
    """Rows that name the person, under French headings: asked for by the person alone, under any mandate."""
    me = actor.person_id
    return {
        _("Rappels de services à confirmer"): [
            {_("Semaine du"): day(row.week), _("Courriel envoyé le"): moment(row.sent_at)}
            for row in ReviewReminder.objects.filter(person=me).order_by("-week", "pk")
        ],
        _("Orientations faites"): [
            {
                _("Code"): row.code,
                _("Service"): row.service.name,
                _("Faite le"): moment(row.made_at),
                _("Réponse"): str(row.get_state_display()),
            }
            for row in OrientationLink.objects.filter(sender=me).select_related("service").order_by("-made_at", "-pk")
        ],
    }
