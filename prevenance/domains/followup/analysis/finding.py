"""Files as lists and pages find them, each through `visible_to`. Nothing here is composed (docs/adr/0009)."""

from typing import Any

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import FollowUp, Involvement, opened
from prevenance.domains.governance.models import Body

REFERENT = Involvement.Kind.REFERENT


def groups(actor: Actor) -> Any:
    """Groups whose files the actor opens, with their council."""
    found = Body.objects.visible_to(actor).filter(opened(actor, "pk")).select_related("council")
    return found.order_by("council__sort_name", "name", "pk").distinct()


def of_group(actor: Actor, body: int) -> Any:
    """Every file of a group that the actor reads."""
    return FollowUp.objects.visible_to(actor).filter(body=body).order_by("pk")


def one(actor: Actor, file: int) -> Any:
    """A file, when the actor reads it."""
    return FollowUp.objects.visible_to(actor).select_related("body__council", "body__scope").filter(pk=file)


def referents(actor: Actor) -> Any:
    """(id, given name, family name) of those who follow files that the actor reads, in the order of names."""
    files = FollowUp.objects.visible_to(actor).values("pk")
    rows = Involvement.objects.filter(kind=REFERENT, valid_to=None, followup__in=files).current()
    people = rows.order_by("person__sort_name", "person_id").distinct()
    return people.values_list("person_id", "person__given_name", "person__family_name", "person__sort_name")


def proposed(actor: Actor) -> Any:
    """What the actor has to accept or decline, the oldest first."""
    rows = Involvement.objects.proposed_to(actor).waiting().order_by("proposed_at", "pk")
    shown = ("kind", "proposed_at", "followup__number", "body__name", "proposed_by__given_name",
             "proposed_by__family_name")  # fmt: skip
    return rows.select_related("followup", "body", "proposed_by").only(*shown)
