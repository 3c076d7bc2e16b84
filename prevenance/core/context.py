"""What every page knows of the site."""

from django.conf import settings
from django.http import HttpRequest

import prevenance


def site(request: HttpRequest) -> dict[str, object]:
    """`site` for layout, `actor` for who acts; error pages drawn before identification have no actor."""
    return {
        "site": {
            "name": "Prévenance",
            "brand": settings.BRAND,
            "demonstration": settings.DEMONSTRATION,
            "version": prevenance.__version__,
        },
        "actor": getattr(request, "actor", None),
        "navigation": getattr(request, "navigation", lambda: [])(),
    }
