"""The link of a convocation, by which a member answers without an account: whoever holds it may answer for them."""

from django.core import signing
from django.utils import timezone

from prevenance.domains.governance.models import Attendance

SALT = "prevenance.governance.answer"


def answer_token(attendance: Attendance) -> str:
    """A signed token naming the line and its meeting; it holds no name and no address."""
    return signing.dumps([attendance.pk, attendance.meeting_id], salt=SALT, compress=False)


def attendance_of(token: str) -> Attendance | None:
    """The line that a token opens, or None once the meeting is over or when nothing of ours signed it."""
    try:
        pk, meeting = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    lines = Attendance.objects.filter(pk=pk, meeting=meeting, meeting__ends_at__gt=timezone.now())
    return lines.select_related(
        "meeting__council", "meeting__body", "membership__person", "membership__organisation"
    ).first()
