"""What the site owes its readers: accessibility, personal data, legal notice, source code."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from prevenance.core.public import public


@public
@require_safe
def accessibility(request):
    return render(request, "pages/about/accessibility.html")


@public
@require_safe
def personal_data(request):
    return render(request, "pages/about/personal_data.html")


@public
@require_safe
def legal(request):
    return render(request, "pages/about/legal.html")


@public
@require_safe
def source(request):
    return render(request, "pages/about/source.html")
