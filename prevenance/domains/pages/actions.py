"""What the pages write: counts of France, kept for the day."""

import datetime

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.governance.analysis import counts_by_departement
from prevenance.domains.pages.analysis import searches_due, state_of_references
from prevenance.domains.pages.models import ExpectationCount, ExpectationReading
from prevenance.domains.territories.models import Territory

KEPT = 40  # readings at once: dates asked are free, the place they take is not


@action(_("Réponses des communes comptées par département"))
def count_expectations(*, by: audit.Identity, on: datetime.date) -> ExpectationReading:
    """Count France against the texts of the day `on`, in place of what was kept for that day."""
    counted = counts_by_departement(on)
    others = ExpectationReading.objects.exclude(day=on).order_by("-computed_at").values("pk")[: KEPT - 1]
    ExpectationReading.objects.exclude(pk__in=others).delete()
    reading = ExpectationReading.objects.create(day=on, state=state_of_references(), computed_at=timezone.now())
    departements = dict(Territory.objects.filter(kind="departement").values_list("code", "pk"))
    ExpectationCount.objects.bulk_create(
        ExpectationCount(reading=reading, rule=rule, departement_id=departements[code], answer=answer, communes=number)
        for code, rules in counted.items()
        for rule, answers in rules.items()
        for answer, number in answers.items()
        if number
    )
    communes = reading.counts.values("rule").annotate(total=Sum("communes")).order_by("-total").first()
    audit.record(by=by, scope="platform", subject=reading, day=on, communes=communes["total"] if communes else 0)
    return reading


@action(_("Recherches d’aide sans réponse effacées, leur durée passée"))
def erase_searches(*, by: audit.Identity, before: datetime.date) -> int:
    """Erase the counts of the months that began before a day. Returns how many."""
    number, _by_model = searches_due(before).delete()
    audit.record(by=by, scope="platform", subject="pages.UnansweredSearch", before=before, erased=number)
    return number
