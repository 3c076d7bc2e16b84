"""Keep a what-if by name, and delete it."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.directory.models import Scenario
from prevenance.domains.directory.rules import coverage as rules
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory


@action(_("Essai de couverture enregistré"))
def save_scenario(
    *, name: str, departement: Territory, asked: dict[str, str], posts: Sequence[rules.Post], by: Actor
) -> Scenario:
    """`asked`: kind, need, audience and language looked at."""
    Scope.objects.select_for_update().get(pk=by.scope_id)  # two of one name wait for one another
    rules.check_can_save(name, posts, rules.terms_on(timezone.localdate()), by)
    scenario = Scenario.objects.create(
        scope_id=by.scope_id, name=name, departement=departement, posts=[post.word for post in posts],
        created_by=by.person, **asked,
    )  # fmt: skip
    audit.record(by=by, subject=scenario, departement=departement.code, posts=len(posts))
    return scenario


@action(_("Essai de couverture supprimé"))
def delete_scenario(*, scenario: Scenario, by: Actor) -> None:
    """Raises Stale when it is no longer there."""
    found = Scenario.objects.select_for_update().filter(pk=scenario.pk).first()
    if found is None:
        raise Stale(_now("Cet essai est déjà supprimé."))
    rules.check_can_delete(found, by)
    audit.record(by=by, subject=found, posts=len(found.posts))
    found.delete()
