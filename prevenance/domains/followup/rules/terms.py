"""What a rulebook says of the files of its group: declared by the coordination, once a version, with the article."""

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import Duration, Terms
from prevenance.domains.followup.rules.files import opens
from prevenance.domains.governance.models import Body, Rulebook
from prevenance.domains.governance.rules.councils import Stale


def rulebook_of(body: Body) -> Rulebook | None:
    """The rulebook in force in the group."""
    found: Rulebook | None = Rulebook.objects.filter(
        body=body, kind=Rulebook.Kind.RULES, state=Rulebook.State.ADOPTED
    ).first()
    return found


def longest_archive() -> int:
    return int(Duration.of("archive_longest", timezone.localdate()).amount)


def check_can_declare(body: Body, actor: Actor) -> None:
    if not (actor.can("hold_files") and opens(body, actor)):
        raise Refused(_("Seule la coordination du groupe déclare ce que dit le règlement."))
    book = rulebook_of(body)
    if book is None:
        raise Refused(_("Aucun règlement n’est en vigueur dans ce groupe."))
    if Terms.objects.filter(rulebook=book).exists():
        raise Stale(
            _("C’est déjà déclaré pour cette version : une nouvelle version du règlement se déclare à nouveau.")
        )


def check_terms(reads: str, reads_article: str, archive_months: int, archive_article: str) -> None:
    if reads not in Terms.Reads.values or not reads_article.strip():
        raise Refused(_("Dites qui lit, et l’article du règlement qui le prévoit."))
    longest = longest_archive()
    if not 0 <= archive_months <= longest:
        raise Refused(_("L’archive intermédiaire dure %(months)d mois au plus.") % {"months": longest})
    if archive_months and not archive_article.strip():
        raise Refused(_("Dites l’article du règlement qui prévoit l’archive, ou laissez zéro mois."))
