"""Tables brought into plans do not stay: what was not imported, or was left aside, is erased after its retention."""

from django.db import connection
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.strategy.rules.sheet_imports import words


@action(_("Tableaux anciens des plans effacés"))
def purge_imports(*, by: audit.Identity = audit.MACHINE) -> int:
    """Erase every table older than its retention (data/strategies/sheet_columns.yaml); how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT strategy_purge_imports(%s)", [words()["kept_days"]])
        erased: int = cursor.fetchone()[0]
    audit.record(by=by, scope="platform", erased=erased)
    return erased
