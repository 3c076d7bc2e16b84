"""Telling those who follow somebody that a file ends soon."""

from collections.abc import Collection
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.audit.actions import Identity
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.models import EndNotice
from prevenance.domains.governance.rules.councils import Stale


@action(gettext_lazy("Effacement annoncé"))
def record_end_notice(*, person: Person, week: date, files: Collection[str], by: Identity) -> EndNotice:
    """Note that somebody is told this week. Raises Stale when they were already: no second mail leaves."""
    try:
        with transaction.atomic():
            notice = EndNotice.objects.create(person=person, week=week)
    except IntegrityError as error:
        raise Stale(_("L’annonce de cette semaine est déjà partie.")) from error
    audit.record(by=by, subject=notice, files=len(files))
    return notice
