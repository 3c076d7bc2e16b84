"""Who shares parts of a file, with whom, until when; who opens a group."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.models import FollowUp, Share
from prevenance.domains.followup.rules import clocks, lists
from prevenance.domains.followup.rules.endings import check_can_follow
from prevenance.domains.followup.rules.files import check_is_open, mandates_opening
from prevenance.domains.governance.models import Membership
from prevenance.domains.governance.rules.councils import Stale


def seated(body: int) -> Any:
    """Present members: the wall is asked about some tens of people, and not about the country's."""
    return Membership.objects.filter(body=body).current().values("person_id")


def signatories(followup: FollowUp, actor: Actor) -> list[Person]:
    """Members who signed every text in force of the group, the actor left out."""
    people = Person.objects.filter(
        pk__in=mandates_opening(followup.body_id, seated(followup.body_id)).values("person_id"), is_active=True
    )
    return list(people.exclude(pk=actor.person_id).order_by("family_name", "given_name", "pk"))


def last_day(today: date) -> date:
    return clocks.after(today, "share_longest", today)


def check_can_share(followup: FollowUp, actor: Actor) -> None:
    check_can_follow(followup, actor)
    check_is_open(followup)


def check_share(
    followup: FollowUp, person: int, parts: Collection[str], purpose: str, until: date, actor: Actor
) -> None:
    """Raises Refused."""
    if person not in {one.pk for one in signatories(followup, actor)}:
        raise Refused(_("Choisissez un membre du groupe qui a signé tous ses textes en vigueur."))
    if not parts:
        raise Refused(_("Cochez au moins une partie à partager."))
    for part in parts:
        lists.check_code("share_parts", part)
    lists.check_code("share_purposes", purpose)
    today = timezone.localdate()
    if not today <= until <= last_day(today):
        raise Refused(
            _("Un partage finit aujourd’hui au plus tôt, et le %(day)s au plus tard.")
            % {"day": last_day(today).strftime("%d/%m/%Y")}
        )


def check_can_withdraw(share: Share, followup: FollowUp, actor: Actor) -> None:
    """Who shared, the referent and the coordination; a recipient has nothing to withdraw."""
    if share.shared_by_id != actor.person_id:
        check_can_follow(followup, actor)
    if share.withdrawn_at is not None or share.until <= timezone.now():
        raise Stale(_("Ce partage a déjà pris fin."))
