"""Who may read their meetings elsewhere, and by which address."""

import hashlib

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models import CalendarFeed


def check_can_have_feed(actor: Actor) -> None:
    if not actor.signed_in:
        raise Refused(_("Entrez d’abord dans Prévenance."))


def digest_of(secret: str) -> str:
    """What the database keeps of a secret of 256 bits: no salt is needed, none can be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def person_of(secret: str) -> Person | None:
    """Whose address it is, None when it was renewed, closed, never given, or its person left."""
    feed = (
        CalendarFeed.objects.filter(digest=digest_of(secret), person__is_active=True).select_related("person").first()
    )
    return feed.person if feed else None
