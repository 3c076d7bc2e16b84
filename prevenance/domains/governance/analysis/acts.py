"""Acts as their list shows them."""

from django.db.models import QuerySet

from prevenance.core.composed import composed
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Act

# What the list says of an act; its text is long, and is read on its own page.
LISTED = [
    "kind", "title", "reference", "submitted_at", "signed_on", "in_force_from", "ends_on", "ended_on", "council__name",
    "scope__label", "mandate__valid_to", "mandate__withdrawn_at",
]  # fmt: skip


@composed
def chosen_acts(actor: Actor, council: int | None, *, kind: str, state: str) -> QuerySet[Act]:
    """Acts that the filters of the list leave, the last prepared first, with what the list says of them."""
    acts: QuerySet[Act] = Act.objects.visible_to(actor)
    if kind:
        acts = acts.filter(kind=kind)
    if state:
        acts = acts.in_state(state)
    if council is not None:
        acts = acts.filter(council_id=council)
    return acts.select_related("council", "scope", "mandate").only(*LISTED).order_by("-created_at", "-pk")
