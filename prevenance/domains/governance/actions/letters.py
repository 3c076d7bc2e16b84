"""Write a letter to councils; mark each mail that left."""

import uuid
from collections.abc import Collection

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.models import Council, Letter, LetterRecipient
from prevenance.domains.governance.rules import letters as rules


@action(_("Lettre écrite à des conseils"))
def write_letter(*, councils: Collection[Council], subject: str, text: str, key: uuid.UUID, by: Actor) -> Letter:
    """Keep the letter and leave its mails to a job. With a `key` already used, the letter that used it is returned.

    Raises Refused when no council was chosen, or when nobody can be written to in any of them.
    """
    from prevenance.domains.governance import jobs

    rules.check_can_write(by)
    # Two clicks at once wait for each other here: the second one finds the letter.
    Scope.objects.select_for_update().get(pk=by.scope_id)
    if (known := Letter.objects.filter(key=key, scope=by.scope_id).first()) is not None:
        audit.record(by=by, subject=known, again=True)
        return known
    reached = rules.addressees(councils)
    recipients = [(pk, person) for pk, people in reached.items() for person in people]
    if not recipients:
        raise Refused(_now("Aucun des conseils choisis n’a d’adresse connue : ni coordination, ni présidence."))
    letter = Letter.objects.create(scope_id=by.scope_id, written_by=by.person, subject=subject, text=text, key=key)
    LetterRecipient.objects.bulk_create(
        LetterRecipient(letter=letter, council_id=pk, person=person) for pk, person in recipients
    )
    jobs.send_letter.defer(letter=letter.pk, person=by.person_id, mandate=by.mandate_id)
    audit.record(by=by, subject=letter, councils=len(reached), recipients=len(recipients))
    return letter


@action(_("Lettre envoyée"))
def record_letter_sent(*, recipients: Collection[LetterRecipient], by: Actor) -> None:
    """The mail to one person left: every line of that person in the letter is dated."""
    now = timezone.now()
    lines = list(recipients)
    LetterRecipient.objects.filter(pk__in=[line.pk for line in lines]).update(sent_at=now)
    audit.record(by=by, subject=lines[0].letter, lines=len(lines))
