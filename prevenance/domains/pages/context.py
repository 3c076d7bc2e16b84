"""What every page knows of the site (a context processor, which Django calls by its name)."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import prevenance

# (label, URL name, ability that the entry asks for; "" for every signed-in person)
ENTRIES = (
    (_("Ma journée"), "pages:my_day", ""),
    (_("Conseils"), "governance:councils", "see_council"),
    (_("Réunions"), "governance:meetings", "see_council"),
    (_("Décisions"), "governance:decisions", "see_council"),
    (_("Actes"), "governance:acts", "see_council"),
    (_("Suivis"), "followup:files", "see_files"),
    (_("Lectures"), "followup:readings_review", "see_readings"),
    (_("Plans"), "strategy:plans", "see_plans"),
    (_("Mesures"), "strategy:measures", "see_plans"),
    (_("Annuaire"), "directory:services", ""),
    (_("Registres"), "followup:registers", "hold_register"),
    (_("Territoires"), "pages:france", ""),
    (_("Personnes"), "accounts:people", "see_people"),
)
# Pages of an entry whose address does not begin with its own: (beginning of the URL name or, from "/", of the address;
# URL name of the entry).
ELSEWHERE = (
    ("governance:meeting_create", "governance:meetings"),
    ("governance:minutes", "governance:meetings"),
    ("governance:section_", "governance:meetings"),
    ("governance:decision_add", "governance:meetings"),
    ("/outils/", "strategy:measures"),
    ("/indicateurs/", "strategy:measures"),
    ("/couverture/", "directory:services"),
    ("pages:help_unanswered", "directory:services"),
)


def navigation(request: HttpRequest) -> list[dict[str, object]]:
    """Entries of the main navigation for who acts; the one that the page is under is current."""
    actor = getattr(request, "actor", None)
    if actor is None or not actor.signed_in:
        return []
    entries = [(label, reverse(name)) for label, name, ability in ENTRIES if not ability or actor.can(ability)]
    match = request.resolver_match  # None where no page answers
    name = match.view_name if match else ""
    here = (name, request.path)
    path = next(
        (reverse(entry) for beginning, entry in ELSEWHERE if any(one.startswith(beginning) for one in here)),
        request.path,
    )
    under = max((url for _label, url in entries if path.startswith(url)), key=len, default="")
    return [{"label": label, "url": url, "current": url == under} for label, url in entries]


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
        "navigation": navigation(request),
    }
