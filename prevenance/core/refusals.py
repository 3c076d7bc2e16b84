"""One sentence per refusal: the exception, the disabled button and the test all use it."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied


class Refused(PermissionDenied):
    """The person may see the thing but not do this to it: HTTP 403, with the reason said in French."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = str(reason)


def reason(check: Callable[..., None], *args: object, **kwargs: object) -> str:
    """The sentence that `check` would refuse with, or an empty string when it allows.

    For a screen: `reason(rules.check_can_convene, meeting, actor)` is what the disabled button says.
    """
    try:
        check(*args, **kwargs)
    except Refused as refusal:
        return refusal.reason
    return ""
