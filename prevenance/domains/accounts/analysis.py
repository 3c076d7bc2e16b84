"""What the accounts hold about a person, in words, for the person."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.domains.accounts import rules
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Mandate, Session


def held_about(actor: Actor) -> dict[str, Any]:
    """Everything of this domain about the person, under French headings; neither password nor secret, said as kept."""
    person = actor.person
    mandates = Mandate.objects.visible_to(actor).filter(person_id=actor.person_id).order_by("-valid_from", "pk")
    mandates = mandates.select_related("scope", "organisation", "granted_by")
    return {
        _("Identité"): {
            _("Prénom"): person.given_name,
            _("Nom"): person.family_name,
            _("Adresse électronique"): person.email,
            _("Téléphone"): person.phone,
            _("Compte créé le"): day(person.created_at),
            _("Dernière entrée"): moment(person.last_login),
        },
        _("Protection du compte"): {
            _("Mot de passe"): _("conservé sous une forme qui ne permet pas de le retrouver"),
            _("Second facteur"): _("installé") if rules.has_second_factor(person) else _("non installé"),
            _("Codes de secours restants"): rules.recovery_codes_left(person),
            _("Essais d’entrée manqués conservés"): rules.failed_attempts(person),
        },
        _("Mandats"): [
            {
                _("Rôle"): str(mandate.role_label),
                _("Périmètre"): mandate.scope.label,
                _("Organisme"): mandate.organisation.name if mandate.organisation else "",
                _("À compter du"): day(mandate.valid_from),
                _("Jusqu’au"): day(mandate.valid_to),
                _("Retiré le"): moment(mandate.withdrawn_at),
                _("Acte"): mandate.act,
                _("Accordé par"): mandate.granted_by.name if mandate.granted_by else "",
            }
            for mandate in mandates
        ],
        _("Sessions ouvertes"): [
            {
                _("Navigateur"): session.browser,
                _("Ouverte le"): moment(session.created_at),
                _("Vue le"): moment(session.last_seen_at),
            }
            for session in Session.objects.visible_to(actor).order_by("-last_seen_at")
        ],
    }


def day(value: date | datetime | None) -> str:
    if value is None:
        return ""
    return (timezone.localtime(value) if isinstance(value, datetime) else value).strftime("%d/%m/%Y")


def moment(value: datetime | None) -> str:
    return timezone.localtime(value).strftime("%d/%m/%Y %H:%M") if value else ""
