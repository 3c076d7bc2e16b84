"""What the clock does: erase what is due, and the keys that nothing names any more."""

from collections.abc import Collection
from functools import partial
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit, vault
from prevenance.core.audit import action
from prevenance.core.audit.actions import Identity
from prevenance.core.row_security import CLOCK, as_role
from prevenance.domains.followup.models import Attachment, FileKey, FollowUp


def _forget(key: UUID) -> None:
    """Destroy a key, then erase the documents that it sealed, unreadable already."""
    vault.destroy(key)
    folder = Attachment.folder(key)
    for name in default_storage.listdir(folder)[1] if default_storage.exists(folder) else ():
        default_storage.delete(f"{folder}/{name}")
    default_storage.delete(folder)


@action(_("Dossiers échus effacés"))
def purge_files(*, files: Collection[int], by: Identity) -> int:
    """Erase those of `files` that are due and not held, all that hangs on them, then their keys. Returns how many.

    It acts as the clock, whose policies in the database decide alone what is due; keys and documents go after the
    commit, and what an interruption leaves of them is swept the next night.
    """
    with as_role(CLOCK), connection.cursor() as cursor:
        cursor.execute("DELETE FROM followup_followup WHERE id = ANY (%s) RETURNING id, body_id, key", [sorted(files)])
        gone = cursor.fetchall()
        FileKey.objects.filter(key__in=[key for _id, _body, key in gone])._raw_delete("default")
    with connection.cursor() as cursor:
        numbers = [pk for pk, _body, _key in gone]
        cursor.execute("DELETE FROM procrastinate_jobs WHERE (args->>'followup')::bigint = ANY (%s)", [numbers])
    for pk, body, _key in gone:
        audit.record(by=by, scope=f"followup:{body}", subject=f"{FollowUp._meta.label_lower}:{pk}")
    if not gone:
        audit.record(by=by, subject="followup.followup", files=0)
    for _pk, _body, key in gone:
        transaction.on_commit(partial(_forget, key))
    return len(gone)


@action(_("Clés sans dossier détruites"))
def sweep_keys(*, keys: Collection[UUID], by: Identity) -> int:
    """Destroy those of `keys` that no file names. Returns how many."""
    used = set(FileKey.objects.filter(key__in=keys).values_list("key", flat=True))
    left = [key for key in keys if key not in used]
    audit.record(by=by, subject="followup.filekey", keys=len(left))
    for key in left:
        transaction.on_commit(partial(_forget, key))
    return len(left)
