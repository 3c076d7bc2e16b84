"""Open, renew and close the private address of one's calendar."""

import secrets

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.models import CalendarFeed
from prevenance.domains.governance.rules.feeds import check_can_have_feed, digest_of


@action(_("Adresse d’agenda créée"))
def renew_feed(*, by: Actor) -> str:
    """The secret of a new address, told this once; the former one answers no more."""
    check_can_have_feed(by)
    Person.objects.select_for_update(no_key=True).get(pk=by.person_id)  # a second click waits, then finds the first
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.filter(person=by.person).first() or CalendarFeed(person=by.person)
    feed.digest = digest_of(secret)
    feed.save()
    audit.record(by=by, scope="platform", subject=feed)
    return secret


@action(_("Adresse d’agenda fermée"))
def close_feed(*, by: Actor) -> None:
    feed = CalendarFeed.objects.select_for_update().filter(person=by.person).first()
    if feed is None:
        raise Refused(_now("Cette adresse est déjà fermée."))
    audit.record(by=by, scope="platform", subject=feed)
    feed.delete()
