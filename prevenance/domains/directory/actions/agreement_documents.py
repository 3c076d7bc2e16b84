"""The document of an agreement, between partners or by which a post is paid: one, kept as councils keep theirs."""

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import PartnersAgreement, StationAgreement
from prevenance.domains.directory.rules.agreements import check_can_keep_document
from prevenance.domains.governance.actions.uploads import Storing
from prevenance.domains.governance.models import Upload
from prevenance.domains.governance.rules.councils import Stale

Agreement = PartnersAgreement | StationAgreement
LINKS = {PartnersAgreement: ("departement",), StationAgreement: ("post__departement", "post__commune")}


@action(_("Document d’une convention déposé"))
def keep_document(
    *, agreement: Agreement, content: bytes, name: str, content_type: str, seen: int, by: Actor
) -> Upload:
    """Keep a file that was already checked (core.uploads); one that was there is replaced, and erased. `seen`: the
    document that the form was shown with, 0 for none. Raises Stale when it is no longer that one."""
    agreement = _locked(agreement)
    check_can_keep_document(agreement, by)
    before = agreement.document
    if (before.pk if before else 0) != seen:
        raise Stale(_now("Le document de cette convention a changé entre-temps : vérifiez, puis déposez à nouveau."))
    upload = Storing(content, name, content_type, by).write(council=None)
    _set(agreement, upload)
    if before is not None:
        Storing.erase(before)
    audit.record(by=by, subject=agreement, size=upload.size, replaced=before is not None)
    return upload


@action(_("Document d’une convention retiré"))
def remove_document(*, agreement: Agreement, by: Actor) -> None:
    """For good. Raises Stale when it is no longer there."""
    agreement = _locked(agreement)
    check_can_keep_document(agreement, by)
    before = agreement.document
    if before is None:
        raise Stale(_now("Cette convention n’a déjà plus de document."))
    _set(agreement, None)
    Storing.erase(before)
    audit.record(by=by, subject=agreement, size=before.size)


def _locked(agreement: Agreement) -> Agreement:
    rows = type(agreement).objects.select_for_update(of=("self",)).select_related("document", *LINKS[type(agreement)])
    found: Agreement | None = rows.filter(pk=agreement.pk).first()
    if found is None:
        raise Stale(_now("Cette convention est déjà retirée."))
    return found


def _set(agreement: Agreement, upload: Upload | None) -> None:
    agreement.document = upload
    agreement.save(update_fields=["document"])
