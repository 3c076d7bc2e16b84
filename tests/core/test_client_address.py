"""Behind named proxies a visitor keeps their own address; what anybody can write about themselves is not believed."""

import ipaddress

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from prevenance.core.client_address import client_address, proxies_are_named

VISITOR, STRANGER, PROXY, INNER = "203.0.113.7", "198.51.100.9", "10.0.0.5", "192.168.1.20"


@pytest.fixture(autouse=True)
def _proxies(settings):
    settings.TRUSTED_PROXIES = [ipaddress.ip_network(text) for text in (PROXY, "192.168.1.0/24", "fd00::/64")]


def seen(peer, forwarded=None):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        (VISITOR, None, VISITOR),
        (PROXY, None, PROXY),
        (PROXY, VISITOR, VISITOR),
        (PROXY, f"{STRANGER}, {VISITOR}", VISITOR),  # the visitor wrote the first: only the last is the proxy's
        (INNER, f"{STRANGER}, {VISITOR}, {PROXY}", VISITOR),
        (VISITOR, STRANGER, VISITOR),  # past the proxy: not believed
        (VISITOR, f"{STRANGER}, {PROXY}", VISITOR),
        (PROXY, "n’importe quoi", PROXY),
        (PROXY, f"{VISITOR}, unknown", PROXY),
        (PROXY, "", PROXY),
        (f"::ffff:{PROXY}", f"::ffff:{VISITOR}", VISITOR),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("", VISITOR, None),
    ],
)
def test_the_address_is_the_nearest_that_is_not_a_named_proxy(peer, forwarded, address):
    assert seen(peer, forwarded) == address


def test_without_a_named_proxy_only_the_peer_counts(settings):
    settings.TRUSTED_PROXIES = []
    assert seen(PROXY, VISITOR) == PROXY


@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=80))
def test_nothing_that_a_visitor_writes_changes_their_address(written):
    assert seen(PROXY, f"{written}, {VISITOR}") == VISITOR
    assert seen(VISITOR, written) == VISITOR


def test_a_proxy_that_is_not_named_is_said_before_putting_into_service(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert proxies_are_named(None) == []
    settings.TRUSTED_PROXIES = []
    (warning,) = proxies_are_named(None)
    assert "PREVENANCE_TRUSTED_PROXIES" in warning.msg
    settings.SECURE_PROXY_SSL_HEADER = None
    assert proxies_are_named(None) == []
