"""The network address that a request comes from, behind proxies that the operator named (docs/operations.md)."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import Tags, Warning, register
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_address(request: HttpRequest) -> str | None:
    """The nearest address that is not one of our proxies; None when the server does not know its peer (a socket).

    `X-Forwarded-For` is read from its end, each proxy having added who called it, and only as far as trusted proxies
    wrote it: what anybody may write before that is never believed.
    """
    nearest = parsed(request.META.get("REMOTE_ADDR", ""))
    if nearest is None:
        return None
    for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if not trusted(nearest):
            break
        before = parsed(hop)
        if before is None:
            break
        nearest = before
    return str(nearest)


def parsed(text: str) -> Address | None:
    """An address, an IPv4 one written as IPv6 being the same as itself; None for anything else."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def trusted(address: Address) -> bool:
    networks: Sequence[Network] = settings.TRUSTED_PROXIES
    return any(address in network for network in networks)


@register(Tags.security, deploy=True)
def proxies_are_named(app_configs: Any, **kwargs: Any) -> list[Warning]:
    """Behind a proxy that is not named, every visitor has its address: one lock-out would be everybody's."""
    if settings.SECURE_PROXY_SSL_HEADER and not settings.TRUSTED_PROXIES:
        return [
            Warning(
                "PREVENANCE_BEHIND_PROXY est réglé sans PREVENANCE_TRUSTED_PROXIES : tous les visiteurs auraient "
                "l’adresse du proxy, et cinq essais manqués d’un inconnu fermeraient l’entrée d’une personne partout.",
                hint="Donnez les adresses ou réseaux de vos proxys, par exemple 10.0.0.5,192.168.1.0/24.",
                id="prevenance.W001",
            )
        ]
    return []
