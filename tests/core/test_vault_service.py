"""A key service wraps the keys of files: by batches, by versions, and in sentences when it fails."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError

from prevenance.core import vault
from prevenance.core.vault import rotation, store
from prevenance.core.vault.masters import master_keys
from tests.core.key_service import TOKEN, KeyService
from tests.core.test_vault_masters import OLD, PLACE, run, stored


@pytest.fixture
def service(settings):
    with KeyService() as running:
        settings.MASTER_SOURCES = ["transit"]
        settings.TRANSIT = settings.TRANSIT | {"url": running.url, "token": TOKEN, "timeout": 2}
        yield running


def test_the_key_service_wraps_and_unwraps_by_batches(settings, service, monkeypatch):
    monkeypatch.setattr("prevenance.core.vault.transit.A_CALL", 10)
    ids = vault.new_many(25)
    assert [len(body["batch_input"]) for _path, body, _headers in service.calls] == [10, 10, 5]
    service.calls.clear()
    assert set(vault.open_many([*ids, uuid4()])) == set(ids)
    assert [path for path, _body, _headers in service.calls] == ["/v1/transit/decrypt/prevenance"] * 3
    assert {entry["master"] for entry in stored(settings).values()} == {"transit:prevenance:v1"}
    key = vault.open(ids[0])
    assert vault.open(ids[0]).open(key.seal("Modèle", PLACE), PLACE) == "Modèle"


def test_no_call_is_made_for_nothing(service):
    vault.new()
    service.calls.clear()
    assert vault.open_many([uuid4()]) == {}
    assert service.calls == []


def test_a_new_version_of_the_services_key_takes_over(settings, service):
    ids = vault.new_many(3)
    service.rotate()
    assert rotation.status() == ("transit:prevenance:v2", {"transit:prevenance:v1": 3})
    assert rotation.rotate().done == 3
    assert rotation.rotate().done == 0
    assert len(vault.open_many(ids)) == 3


def test_passing_from_the_file_to_the_service_and_back(settings, service):
    settings.MASTER_SOURCES = ["file"]
    ids = vault.new_many(3)
    settings.MASTER_SOURCES = ["transit", "file"]
    ids.append(vault.new())
    assert len(vault.open_many(ids)) == 4
    assert rotation.rotate().done == 3
    settings.MASTER_SOURCES = ["transit"]
    assert len(vault.open_many(ids)) == 4
    settings.MASTER_SOURCES = ["file", "transit"]
    assert rotation.rotate().done == 4
    settings.MASTER_SOURCES = ["file"]
    assert len(vault.open_many(ids)) == 4


def test_one_key_that_the_service_does_not_open_is_a_master_key_lost(settings, service):
    one, other = vault.new_many(2)
    root = store.folder()
    Path(store.place_of(root, one)).write_bytes(Path(store.place_of(root, other)).read_bytes())
    with pytest.raises(vault.MasterLost, match="transit:prevenance:v1"):
        vault.open_many([one, other])
    assert vault.open(other)
    assert rotation.rewrapped(master_keys(), [store.read(root, one), store.read(root, other)])[1][0].key_id == one


def test_a_service_that_is_down_says_so_in_a_sentence(settings, service):
    key_id = vault.new()
    service.stop()
    for act in (vault.new, lambda: vault.open(key_id), rotation.rotate):
        with pytest.raises(vault.MasterLost, match="Le service de clés ne répond pas"):
            act()
    with pytest.raises(CommandError, match="Le service de clés ne répond pas"):
        run("rotate")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((503, {"errors": ["Vault is sealed"]}), "ne répond pas"),
        ((400, {"errors": ["encryption key not found"]}), "ne répond pas"),
        ((500, b"not json"), "ne répond pas"),
        ((200, b"not json"), "ne répond pas"),
        ((200, {"data": {"batch_results": []}}), "autre chose"),
        ((200, []), "autre chose"),
        ((200, {"data": {"batch_results": [{"error": "no"}]}}), "n’a pas enveloppé"),
        ((403, {"errors": ["permission denied"]}), "périmé"),
    ],
)
def test_whatever_the_service_answers_ends_in_a_sentence(service, answer, sentence):
    service.answer = answer
    with pytest.raises(vault.MasterLost, match=sentence):
        vault.new()


def test_the_token_follows_no_redirection(service):
    elsewhere = f"{service.url}/ailleurs"
    for status in (302, 307):
        service.calls.clear()
        service.answer = (status, {}, {"Location": elsewhere})
        with pytest.raises(vault.MasterLost, match="ne répond pas"):
            vault.new()
        assert [path for path, _body, _headers in service.calls] == ["/v1/transit/encrypt/prevenance"]


def test_a_token_may_be_in_a_file_and_its_absence_is_said(settings, service, tmp_path):
    path = tmp_path / "token"
    settings.TRANSIT = settings.TRANSIT | {"token": "", "token_file": str(path), "namespace": "prevention"}
    with pytest.raises(vault.MasterLost, match="Le jeton du service de clés manque"):
        vault.new()
    path.write_text(f"{TOKEN}\n")
    vault.new()
    assert service.calls[-1][2]["X-Vault-Namespace"] == "prevention"
    path.write_text("un autre")
    with pytest.raises(vault.MasterLost, match="périmé"):
        vault.new()


def test_the_service_must_be_reached_by_http(settings, service):
    settings.TRANSIT = settings.TRANSIT | {"url": "file:///etc/passwd"}
    with pytest.raises(vault.MasterLost, match="https://"):
        vault.new()


def test_the_service_is_used_when_only_its_address_is_given(settings, service):
    settings.MASTER_SOURCES, settings.MASTER_KEYS_GIVEN = [], ""
    assert master_keys().current == "transit:prevenance:v1"
    settings.MASTER_KEYS_GIVEN = OLD
    assert master_keys().current == "2025"
    settings.MASTER_KEYS_GIVEN, settings.TRANSIT = "", settings.TRANSIT | {"url": ""}
    assert master_keys().current == Path(settings.MASTER_KEYS).read_text().partition(":")[0]


def test_a_key_of_another_name_is_neither_made_nor_opened_with(settings, service):
    """The service would make it for a token that may create; ours may only update (docs/operations.md)."""
    key_id = vault.new()
    settings.TRANSIT = settings.TRANSIT | {"key": "autre"}
    with pytest.raises(vault.MasterLost, match="périmé ou n’a pas les droits"):
        vault.new()
    with pytest.raises(vault.MasterLost):
        vault.open(key_id)


def test_a_key_that_authenticates_nothing_wraps_nothing(service):
    """Item by item, under a 200: nothing is kept that is not bound to its identifier."""
    service.authenticates = False
    with pytest.raises(vault.MasterLost, match="vérifiez le nom et la nature de sa clé"):
        vault.new()


def test_a_version_that_the_service_no_longer_opens_is_a_master_key_lost(service):
    old = vault.new()
    service.rotate()
    kept = vault.new()
    service.oldest = 2
    assert vault.open(kept)
    with pytest.raises(vault.MasterLost, match="transit:prevenance:v1"):
        vault.open(old)
