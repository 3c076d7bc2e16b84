"""What governance keeps for a time only, erased once due. Each call is one batch."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.domains.governance.models import Attendance, Council
from prevenance.domains.governance.rules import retention as rules


@action(_("Présences anciennes effacées"))
def erase_attendances(*, council: Council, before: date, most: int, by: audit.Identity) -> int:
    """Erase at most `most` lines of a council's meetings that ended before a day. Returns how many."""
    lines = rules.attendances_due(before).filter(meeting__council=council).order_by("pk")[:most]
    _total, erased = Attendance.objects.filter(pk__in=list(lines.values_list("pk", flat=True))).delete()
    count = erased.get("governance.Attendance", 0)
    audit.record(by=by, scope=council.scope_id, subject=council, before=before, attendances=count)
    return count


@action(_("Rappels anciens effacés"))
def erase_reminders(*, model: type[rules.Reminder], reminders: Sequence[int], before: date, by: audit.Identity) -> int:
    """Erase those of `reminders` (ids, of one of the tables of rules.REMINDERS) that left before a day. How many."""
    count, _by_table = rules.reminders_due(model, before).filter(pk__in=reminders).delete()
    audit.record(by=by, scope="platform", table=model._meta.label_lower, before=before, reminders=count)
    return count
