"""The product's addresses, and a signed-in page of the same layout with nothing in it: what pages are compared with."""

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.backends.django import Template
from django.urls import path

from prevenance.config import urls

EMPTY = '{% extends "base.html" %}{% block title %}Vide{% endblock %}{% block content %}<h1>Vide</h1>{% endblock %}'


@cache
def layout() -> Template:
    """Compiled once, as the templates of other pages are."""
    return engines["django"].from_string(EMPTY)


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse(layout().render({}, request))


urlpatterns = [path("vide/", empty), *urls.urlpatterns]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
