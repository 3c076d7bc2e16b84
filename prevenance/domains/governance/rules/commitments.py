"""Who records what partners commit to."""

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.models import Organisation
from prevenance.domains.governance.models import Body, Council, Membership, Upload


def check_partner(council: Council, organisation: Organisation) -> None:
    """A partner has, or had, someone in the council or one of its groups."""
    if not Membership.objects.filter(body__council=council, organisation=organisation).exists():
        raise Refused(_("Cet organisme n’a personne dans ce conseil : inscrivez d’abord qui le représente."))


def check_own(council: Council, body: Body | None, document: Upload | None) -> None:
    """The group and the document are of this very council."""
    if body is not None and body.council_id != council.pk:
        raise Refused(_("Cette formation est d’un autre conseil."))
    if document is not None and document.council_id != council.pk:
        raise Refused(_("Ce document est d’un autre conseil."))
