"""Signing in and out."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from prevenance.domains.accounts.acting import public


@public
@require_http_methods(["GET", "POST"])
def sign_in(request) -> HttpResponse:
    return render(request, "accounts/sign_in.html")


def locked_out(request, credentials, *args, **kwargs) -> HttpResponse:
    return render(request, "accounts/locked_out.html", status=429)
