"""Declaring what the rulebook in force says of files."""

from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import Terms
from prevenance.domains.followup.rules import terms as rules
from prevenance.domains.governance.models import Body, Rulebook


@action(_("Ce que dit le règlement des dossiers, déclaré"))
def declare_terms(
    *, body: Body, reads: str, reads_article: str, archive_months: int, archive_article: str, by: Actor
) -> Terms:
    """Who reads and how long the archive is kept, by the rulebook in force. Once a version. Raises Refused, Stale."""
    list(Rulebook.objects.select_for_update(of=("self",)).filter(body=body, state=Rulebook.State.ADOPTED))
    rules.check_can_declare(body, by)
    rules.check_terms(reads, reads_article, archive_months, archive_article)
    terms = Terms.objects.create(
        rulebook=rules.rulebook_of(body), reads=reads, reads_article=reads_article.strip(),
        archive_months=archive_months, archive_article=archive_article.strip(), declared_by=by.person,
    )  # fmt: skip
    audit.record(by=by, scope=f"followup:{body.pk}", subject=terms, reads=reads, archive_months=archive_months)
    return terms
