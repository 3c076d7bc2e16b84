"""People who have left, erased when nothing that they did is kept any more. Each call is one batch."""

from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.retention import still_referenced
from prevenance.domains.accounts.models import Mandate, Organisation, Person


@action(_("Mandats échus effacés"))
def erase_mandates(*, people, before, by):
    """Erase the mandates of `people` (ids) who left before a day, with their invitations. Returns how many.

    They go before the people, in the order of no one: two people who leave may each have called the other. What was
    delegated goes before the mandate that it came from, which stays as long as a delegate does.
    """
    there = _locked(people, before)
    theirs = Mandate.objects.filter(person_id__in=there)
    kept = Mandate.objects.filter(delegated_from__person_id__in=there).exclude(person_id__in=there)
    counts = [
        theirs.exclude(delegated_from=None).delete()[1],
        theirs.exclude(pk__in=kept.values("delegated_from_id")).delete()[1],
    ]
    mandates, invitations = (
        sum(erased.get(name, 0) for erased in counts) for name in ("accounts.Mandate", "accounts.Invitation")
    )
    audit.record(by=by, scope="platform", before=before, mandates=mandates, invitations=invitations)
    return mandates


@action(_("Personnes parties effacées"))
def erase_people(*, people, before, by):
    """Erase those of `people` (ids) who left before a day and whom no row names any more. Returns how many."""
    there = _locked(people, before)
    there -= still_referenced(Person, there)
    _total, erased = Person.objects.filter(pk__in=there).delete()
    audit.record(by=by, scope="platform", before=before, people=erased.get("accounts.Person", 0))
    return erased.get("accounts.Person", 0)


@action(_("Organismes sans personne effacés"))
def erase_organisations(*, organisations, by):
    """Erase those of `organisations` (ids) to which no mandate and no member is tied. Returns how many."""
    rows = Organisation.objects.select_for_update().filter(pk__in=organisations).order_by("pk")
    there = {row.pk for row in rows}
    erased, _by_table = Organisation.objects.filter(pk__in=there - still_referenced(Organisation, there)).delete()
    audit.record(by=by, scope="platform", organisations=erased)
    return erased


def _locked(people, before):
    """Ids of those who are gone, held until the end: a mandate given meanwhile waits for us, or keeps its person."""
    rows = Person.objects.select_for_update(of=("self",)).filter(pk__in=people).order_by("pk")
    held = {row.pk for row in rows}
    return set(Person.objects.left_before(before).filter(pk__in=held).values_list("pk", flat=True))
