"""Files as lists and pages find them, each through `visible_to`; what hangs on a file is read by its number once the
actor was found to read the file. Nothing here is composed (docs/adr/0009)."""

from typing import Any

from django.db.models import Subquery

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import (
    Duration,
    Fact,
    FollowUp,
    Identity,
    Involvement,
    Report,
    Representative,
    opened,
)
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


def parts_in(files: list[int]) -> Any:
    """Who takes part today in files that were found to be read."""
    rows = Involvement.objects.filter(followup__in=files).current().select_related("person").order_by("pk")
    return rows.only("kind", "valid_to", "followup_id", "person__given_name", "person__family_name")


def people_of(file: int) -> Any:
    return Involvement.objects.filter(followup=file).current().select_related("person")


def mine_in(person: int, body: int) -> Any:
    """Files of a group in which somebody takes part today."""
    return (
        Involvement.objects.filter(person=person, body=body).current().order_by().values_list("followup_id", flat=True)
    )


def identity_of(file: int) -> Any:
    """With `majority`, the age at which nobody represents the person any more."""
    majority = Subquery(Duration.applying("majority").values("amount")[:1])
    return Identity.objects.filter(followup=file).annotate(majority=majority)


def identities(files: list[int], fields: tuple[str, ...]) -> Any:
    """`fields` of the identities of files, and nothing else: each is sealed, and long."""
    return Identity.objects.filter(followup__in=files).only("followup_id", *fields).order_by("followup_id")


def representatives_of(file: int) -> Any:
    return Representative.objects.filter(followup=file)


def facts_of(file: int) -> Any:
    return Fact.objects.filter(followup=file).select_related("observed_by")


def reports_of(file: int) -> Any:
    return Report.objects.filter(followup=file).select_related("reported_by", "recorded_by")
