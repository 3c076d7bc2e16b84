"""Every reading of a file is an act: who, which file, which part, acting as what, why when outside one's usual files.

The rows are those of the audit trail, chained by group and sealed each hour: `prevenance audit verify` finds the one
that was changed, removed or moved.
"""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import FollowUp
from prevenance.domains.governance.models import Body


@action(_("Dossier lu"), savepoint=False)
def record_reading(*, followup: FollowUp, part: str, why: str = "", by: Actor) -> None:
    """`part` is a word of ours (identity, plan, contacts…), `why` a code of the list `reading_reasons`."""
    audit.record(by=by, scope=followup.trail, subject=followup, part=part, acting=by.role, why=why)


@action(_("Noms lus dans une liste de dossiers"), savepoint=False)
def record_list(
    *, body: Body | None, followups: Collection[FollowUp], part: str, by: Actor, outside: Collection[FollowUp] = (),
    why: str = "",
) -> None:  # fmt: skip
    """Names shown or compared together: one row a file, so that each person can be told.

    `outside`: those of them that are not the reader's own, read because of `why`. `body` is the group that was looked
    into, told alone when nothing was found.
    """
    others = {followup.pk for followup in outside}
    rows = [
        (one.trail, one, {"part": part, "acting": by.role, "why": why if one.pk in others else ""}) for one in followups
    ]
    audit.record_each(by=by, rows=sorted(rows, key=lambda row: row[0]))
    if body is not None and not followups:
        audit.record(by=by, scope=f"followup:{body.pk}", subject=body, part=part, acting=by.role, why=why)
