"""Parts of a file shown to another member of the group, for a purpose and a time."""

import datetime as dt
from collections.abc import Collection
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.analysis.reading import key_of, sealed
from prevenance.domains.followup.models import FollowUp, Share
from prevenance.domains.followup.rules import sharing as rules


@action(_("Parties d’un dossier partagées"))
def share_parts(
    *, followup: FollowUp, person: int, parts: Collection[str], purpose: str, until: date, by: Actor
) -> Share:
    """Show parts of a file to a signatory, until the end of a day. Raises Refused, Stale."""
    file = FollowUp.objects.locked(followup)
    rules.check_can_share(file, by)
    rules.check_share(file, person, parts, purpose, until, by)
    ends = timezone.make_aware(dt.datetime.combine(until, dt.time(23, 59, 59)))
    share = Share(
        followup=file, body=file.body, to_person_id=person, as_body=file.body, parts=sorted(set(parts)),
        shared_by=by.person, until=ends,
    )  # fmt: skip
    sealed(share, key_of(file), purpose=purpose).save()
    audit.record(by=by, scope=file.trail, subject=share, person=person, parts=share.parts, until=until)
    return share


@action(_("Partage retiré"))
def withdraw_share(*, share: Share, by: Actor) -> Share:
    """Make what was shared unreadable at once. Raises Refused, Stale."""
    file = FollowUp.objects.locked(share.followup)
    row = Share.objects.select_for_update(of=("self",)).get(pk=share.pk)
    rules.check_can_withdraw(row, file, by)
    row.withdrawn_at = timezone.now()
    row.save(update_fields=["withdrawn_at"])
    audit.record(by=by, scope=file.trail, subject=row)
    return row
