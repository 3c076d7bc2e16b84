"""Documents of a council: kept outside the web root under a key of ours, never changed, served by a view."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Council, Upload
from prevenance.domains.governance.rules import councils as rules


class Storing:
    """A file that was already checked (core.uploads), and its row: what every action that keeps one does."""

    def __init__(self, content: bytes, name: str, content_type: str, by: Actor) -> None:
        self.content, self.name, self.content_type, self.by = content, name, content_type, by

    def write(self, *, council: Council | None, shared: bool = False) -> Upload:
        upload = Upload.objects.create(
            council=council, name=self.name, content_type=self.content_type, size=len(self.content), shared=shared,
            sha256=hashlib.sha256(self.content).hexdigest(), added_by=self.by.person,
        )  # fmt: skip
        # Written last: a row without its file would be worse than a file that no row names.
        default_storage.save(rules.place_of(upload), ContentFile(self.content))
        return upload

    @staticmethod
    def erase(upload: Upload) -> None:
        """The file goes once the removal is certain."""
        place = rules.place_of(upload)
        upload.delete()
        transaction.on_commit(lambda: default_storage.delete(place))


@action(_("Document déposé"))
def add_upload(
    *, council: Council, content: bytes, name: str, content_type: str, by: Actor, shared: bool = False
) -> Upload:
    """Keep a file that was already checked (core.uploads). Its own name is only ever shown, never a path."""
    rules.check_can_hold(council, by)
    upload = Storing(content, name, content_type, by).write(council=council, shared=shared)
    audit.record(by=by, scope=council.scope_id, subject=upload, size=upload.size, shared=shared)
    return upload


@action(_("Communication d’un document changée"))
def share_upload(*, upload: Upload, shared: bool, by: Actor) -> Upload:
    """Let the members read it, or no longer."""
    rules.check_can_share_upload(upload, by, shared=shared)
    upload.shared = shared
    upload.save(update_fields=["shared"])
    audit.record(by=by, scope=upload.council.scope_id, subject=upload, shared=shared)
    return upload


@action(_("Document supprimé"))
def remove_upload(*, upload: Upload, by: Actor) -> None:
    """Remove the document for good; its file goes once the removal is certain."""
    rules.check_can_remove_upload(upload, by)
    audit.record(by=by, scope=upload.council.scope_id, subject=upload)
    Storing.erase(upload)
