"""What a share gives to its recipient: the rows of its parts, read through the wall while it lasts, no other."""

from collections.abc import Iterable

from django.db.models import QuerySet

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.analysis.sections import Section, sections
from prevenance.domains.followup.models import Attachment, Share
from prevenance.domains.followup.rules import lists


def received(actor: Actor) -> QuerySet[Share]:
    """Running shares with the actor, the one that ends first on top."""
    found: QuerySet[Share] = Share.objects.received_by(actor)
    return found.select_related("followup", "as_body", "shared_by").order_by("until", "pk")


def shown(share: Share) -> list[Section]:
    """`share` is one that the actor was found to receive, now."""
    return sections(share.followup, share.parts, key_of(share.followup))


def purpose(share: Share) -> str:
    return lists.label("share_purposes", opened_values(share, key_of(share.followup), ["purpose"])["purpose"])


def documents(share: Share) -> QuerySet[Attachment]:
    """Documents that the share gives: all those of the file, or none."""
    rows: QuerySet[Attachment] = Attachment.objects.filter(followup=share.followup_id)
    return rows if "attachments" in share.parts else rows.none()


def labels(parts: Iterable[str]) -> str:
    """« Identité, Plan », in the order of the closed list."""
    asked = set(parts)
    return ", ".join(label for code, label in lists.choices("share_parts") if code in asked)
