"""The living page of components: what every screen is made of, shown in demonstration only."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from prevenance.domains.accounts.acting import public
from prevenance.domains.pages.forms import Example


@public
@require_safe
def style(request):
    """Every component in its states; `?incorrect=1` shows the form as it comes back refused."""
    if not settings.DEMONSTRATION:
        raise Http404
    filled = {
        "name": "Plénière de printemps",
        "email": "sans-arobase",
        "text": "1. Bilan de l’année\n2. Questions diverses",
    }
    form = Example(filled) if "incorrect" in request.GET else Example()
    page = Paginator(range(1, 1234), 50).get_page(request.GET.get("page"))
    tabs = [
        {"label": label, "url": f"?onglet={name}", "current": request.GET.get("onglet", "agenda") == name}
        for name, label in (("agenda", "Ordre du jour"), ("attendance", "Présences"), ("minutes", "Compte rendu"))
    ]
    subjects = ["Médiation", "Transports", "Parentalité"]
    context = {"form": form, "page": page, "tabs": tabs, "subjects": subjects}
    return render(request, "pages/style.html", context)
