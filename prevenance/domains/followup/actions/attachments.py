"""Documents of a file: sealed under its key before anything is written on the disk."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.analysis.reading import key_of, sealed
from prevenance.domains.followup.models import Attachment, FollowUp
from prevenance.domains.followup.rules import lists, work
from prevenance.domains.governance.rules.councils import Stale


@action(_("Pièce jointe au dossier"))
def add_attachment(
    *, followup: FollowUp, content: bytes, name: str, content_type: str, kind: str, by: Actor
) -> Attachment:
    """Keep a document that was already checked (core.uploads). Raises Refused, Stale."""
    file = FollowUp.objects.locked(followup)
    work.check_can_note(file, by)
    lists.check_code("attachment_kinds", kind)
    key = key_of(file)
    attachment = Attachment(
        followup=file, body=file.body, content_type=content_type, size=len(content), added_on=timezone.localdate(),
        added_by=by.person,
    )  # fmt: skip
    sealed(attachment, key, name=name, kind=kind).save()
    audit.record(by=by, scope=file.trail, subject=attachment, size=len(content))
    # Written last: a row without its file would be worse than a sealed file that no row names.
    default_storage.save(attachment.path(), ContentFile(key.seal_bytes(content, attachment.place)))
    return attachment


@action(_("Pièce jointe supprimée"))
def remove_attachment(*, attachment: Attachment, by: Actor) -> None:
    """Take a document away for good; its file goes once the removal is certain. Raises Refused, Stale."""
    file = FollowUp.objects.locked(attachment.followup)
    present = Attachment.objects.filter(pk=attachment.pk, followup=file).first()  # the file's lock holds its rows
    if present is None:
        raise Stale(_now("Ce document est déjà supprimé."))
    work.check_can_remove(present, file, by)
    path = present.path()
    audit.record(by=by, scope=file.trail, subject=present)
    present.delete()
    transaction.on_commit(lambda: default_storage.delete(path))
