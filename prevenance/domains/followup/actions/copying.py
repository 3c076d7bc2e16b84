"""A file written again in another group, under a key of its own. What the first group did for itself stays there."""

from typing import Any, TypeVar

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit, vault
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.analysis.reading import key_of, opened_values, sealed, sealed_fields
from prevenance.domains.followup.models import (
    Alert,
    Attachment,
    Contact,
    Fact,
    FileKey,
    FollowUp,
    Goal,
    Identity,
    Involvement,
    Line,
    NumberSeries,
    Orientation,
    Report,
    Representative,
    Review,
    Step,
)
from prevenance.domains.followup.rules import clocks
from prevenance.domains.governance.models import Body

Row = TypeVar("Row", bound=vault.SealedRow)

# Steps and documents are written apart: a step follows its goal, a document has a file.
AGAIN = (Identity, Representative, Fact, Contact, Review, Alert, Orientation)
OWN = {"id", "followup", "body", "edit", "stored_as"}


@action(_("Dossier repris d’un autre groupe"))
def copy_file(*, source: FollowUp, body: Body, by: Actor) -> FollowUp:
    """Inside the action that accepts: `source` was found to be open to the actor. Notices, requests, shares, members
    who take part and readings are not copied: this group informs the person itself."""
    today, old = timezone.localdate(), key_of(source)
    key_id = vault.new()
    key = vault.open(key_id)
    FileKey.objects.create(key=key_id)
    file = FollowUp.objects.create(
        body=body, number=NumberSeries.next_for(body, today), category=source.category, sex=source.sex,
        age_band=clocks.band_today(source), opened_on=today, opened_by=by.person, purge_on=source.purge_on, key=key_id,
    )  # fmt: skip
    for model in AGAIN:
        for row in model.objects.filter(followup=source).order_by("pk"):
            kept = {"meeting": None} if model is Review else {}
            _again(row, old, key, file, **kept).save()
    goals = {}
    for goal in Goal.objects.filter(followup=source).order_by("pk"):
        goals[goal.pk] = _again(goal, old, key, file)
        goals[goal.pk].save()
    for step in Step.objects.filter(followup=source).order_by("pk"):
        _again(step, old, key, file, goal=goals[step.goal_id], carried_by=None).save()
    for document in Attachment.objects.filter(followup=source).order_by("pk"):
        _copy_document(document, source, old, key, file)
    of = {"followup": file, "body": body}
    sealed(Report(**of, received_on=today, recorded_by=by.person), key, origin="other_group").save()
    Involvement.objects.create(
        **of, person_id=by.person_id, kind=Involvement.Kind.REPORTER, proposed_by=by.person,
        accepted_at=timezone.now(), valid_from=today,
    )  # fmt: skip
    Line.objects.create(
        followup=file, body=body, category=file.category, sex=file.sex, age_band=file.age_band,
        entered_month=today.replace(day=1),
    )  # fmt: skip
    audit.record(by=by, scope=file.trail, subject=file, category=file.category)
    return file


def _again(row: Row, old: vault.Key, key: vault.Key, file: FollowUp, **changed: Any) -> Row:
    """The same row in another file, sealed under its key; not saved."""
    hidden = set(sealed_fields(row))
    clear = {f.name: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in hidden | OWN}
    fields = {f.name: f.attname for f in row._meta.concrete_fields}
    values = {fields[name]: value for name, value in clear.items() if name not in changed}
    new = type(row)(followup=file, body=file.body, **values, **changed)
    return sealed(new, key, **opened_values(row, old))


def _copy_document(document: Attachment, source: FollowUp, old: vault.Key, key: vault.Key, file: FollowUp) -> None:
    document.followup = source
    with default_storage.open(document.path(), "rb") as stored:
        content = old.open_bytes(stored.read(), document.place)
    new = _again(document, old, key, file)
    new.save()
    default_storage.save(new.path(), ContentFile(key.seal_bytes(content, new.place)))
