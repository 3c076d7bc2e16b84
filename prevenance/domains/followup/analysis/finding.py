"""Files as lists and pages find them, each through `visible_to`.

Lists of numbers are put together once (core.composed). The two that open what is sealed, a file and the names of a
group, are not: who may is asked through Django each time (docs/adr/0009). `at` is now: accesses to the archive end.
"""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from prevenance.core.composed import composed, prepared
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import FollowUp, Involvement, opened
from prevenance.domains.governance.models import Body

REFERENT = Involvement.Kind.REFERENT


@prepared
@composed
def groups(actor: Actor) -> Any:
    """Groups whose files the actor opens, with their council."""
    found = Body.objects.visible_to(actor).filter(opened(actor, "pk")).select_related("council")
    return found.order_by("council__sort_name", "name", "pk").distinct()


@prepared
@composed
def running(actor: Actor, at: datetime) -> Any:
    """Running files that the actor reads, the last opened first: what a list says of them, and no key."""
    files = FollowUp.objects.visible_to(actor, at=at).open().select_related("body").order_by("-opened_on", "-pk")
    return files.only(*SHOWN)


SHOWN = ("number", "category", "sex", "age_band", "opened_on", "next_review_on", "closed_on", "purge_on", "body__name")


def of_group(actor: Actor, body: int) -> Any:
    """Every file of a group that the actor reads, to look for a name; `mine`: whether they take part in it today."""
    part = Involvement.objects.filter(person_id=actor.person_id, followup=OuterRef("pk")).current()
    files = FollowUp.objects.visible_to(actor).filter(body=body).annotate(mine=Exists(part)).order_by("pk")
    return files.only("number", "key", "body", "age_band", "opened_on", "closed_on", "purge_on")


def one(actor: Actor, file: int) -> Any:
    """A file, when the actor reads it."""
    return FollowUp.objects.visible_to(actor).select_related("body__council", "body__scope").filter(pk=file)


@prepared
@composed
def referents(actor: Actor, at: datetime) -> Any:
    """(id, given name, family name) of those who follow files that the actor reads, in the order of names."""
    files = FollowUp.objects.visible_to(actor, at=at).values("pk")
    rows = Involvement.objects.filter(kind=REFERENT, valid_to=None, followup__in=files).current()
    people = rows.order_by("person__sort_name", "person_id").distinct()
    return people.values_list("person_id", "person__given_name", "person__family_name", "person__sort_name")


@prepared
@composed
def proposed(actor: Actor) -> Any:
    """What the actor has to accept or decline, the oldest first."""
    rows = Involvement.objects.proposed_to(actor).waiting().order_by("proposed_at", "pk")
    shown = ("kind", "proposed_at", "followup__number", "body__name", "proposed_by__given_name",
             "proposed_by__family_name")  # fmt: skip
    return rows.select_related("followup", "body", "proposed_by").only(*shown)
