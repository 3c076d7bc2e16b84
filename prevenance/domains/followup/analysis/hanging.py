"""What hangs on files, read by their numbers once the actor was found to read them: put together once (core.composed).

No condition of confidentiality is written here, so none is kept: whether the file is read at all is asked of
`visible_to` each time, and the wall is asked by the database (docs/adr/0009).
"""

from typing import Any

from django.db.models import Subquery

from prevenance.core.composed import composed, prepared
from prevenance.domains.followup.models import (
    Alert,
    Contact,
    Duration,
    Fact,
    Goal,
    Identity,
    Involvement,
    Report,
    Representative,
    Step,
)


@prepared
@composed
def parts_in(files: list[int]) -> Any:
    """(file, kind, end, person, given name, family name) of who takes part today in files."""
    rows = Involvement.objects.filter(followup__in=files).current().order_by("pk")
    names = ("person__given_name", "person__family_name")
    return rows.values_list("followup_id", "kind", "valid_to", "person_id", *names)


@prepared
@composed
def people_of(file: int) -> Any:
    return Involvement.objects.filter(followup=file).current().select_related("person")


@prepared
@composed
def identity_of(file: int) -> Any:
    """With `majority`, the age at which nobody represents the person any more."""
    majority = Subquery(Duration.applying("majority").values("amount")[:1])
    return Identity.objects.filter(followup=file).annotate(majority=majority)


@prepared
@composed
def identities(files: list[int], *, fields: tuple[str, ...]) -> Any:
    """(number of the row, file, …`fields` still sealed) of the identities of files, and nothing else: each is long."""
    rows = Identity.objects.filter(followup__in=files).order_by("followup_id")
    return rows.values_list("pk", "followup_id", *fields)


@prepared
@composed
def representatives_of(file: int) -> Any:
    return Representative.objects.filter(followup=file)


@prepared
@composed
def facts_of(file: int) -> Any:
    return Fact.objects.filter(followup=file).select_related("observed_by")


@prepared
@composed
def reports_of(file: int) -> Any:
    return Report.objects.filter(followup=file).select_related("reported_by", "recorded_by")


@prepared
@composed
def goals_of(file: int) -> Any:
    """In the order they were set."""
    return Goal.objects.filter(followup=file).select_related("set_by")


@prepared
@composed
def steps_of(file: int) -> Any:
    return Step.objects.filter(followup=file).select_related("carried_by")


@prepared
@composed
def contacts_of(file: int) -> Any:
    """The last first."""
    return Contact.objects.filter(followup=file).select_related("by").order_by("-day", "-pk")


@prepared
@composed
def alerts_of(file: int) -> Any:
    return Alert.objects.filter(followup=file).select_related("done_by")
