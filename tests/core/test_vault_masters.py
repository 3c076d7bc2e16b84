"""Master keys come from a file, the environment or a key service, and change without a stop."""

import io
import json
import os
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from prevenance.core import vault
from prevenance.core.vault import rotation, store
from prevenance.core.vault.masters import master_keys
from tests.core.key_service import TOKEN, KeyService

PLACE = "invented.family_name"
OLD, NEW = f"2025:{'a1' * 32}", f"2026:{'b2' * 32}"


def environment(settings, *lines):
    settings.MASTER_SOURCES = ["environment"]
    settings.MASTER_KEYS_GIVEN = ",".join(lines)


@pytest.fixture
def service(settings):
    with KeyService() as running:
        settings.MASTER_SOURCES = ["transit"]
        settings.TRANSIT = settings.TRANSIT | {"url": running.url, "token": TOKEN, "timeout": 2}
        yield running


def stored(settings):
    paths = Path(settings.KEY_STORE).rglob("*.json")
    return {path.stem: json.loads(path.read_text()) for path in paths}


def run(*arguments):
    out, said = io.StringIO(), io.StringIO()
    call_command("keys", *arguments, stdout=out, stderr=said)
    return out.getvalue(), said.getvalue()


def test_the_first_given_wraps_and_all_unwrap(settings):
    environment(settings, OLD)
    first = vault.new()
    environment(settings, NEW, OLD)
    second = vault.new()
    assert set(vault.open_many([first, second])) == {first, second}
    assert {name: entry["master"] for name, entry in stored(settings).items()} == {
        str(first): "2025", str(second): "2026",
    }  # fmt: skip


def test_without_its_master_key_a_key_is_not_said_destroyed(settings):
    environment(settings, OLD)
    key_id = vault.new()
    environment(settings, NEW)
    for act in (lambda: vault.open(key_id), lambda: vault.open_many([key_id])):
        with pytest.raises(vault.MasterLost, match="La clé maîtresse « 2025 » manque"):
            act()


def test_another_master_key_of_the_same_name_does_not_open(settings):
    environment(settings, OLD)
    key_id = vault.new()
    environment(settings, f"2025:{'c3' * 32}")
    with pytest.raises(vault.MasterLost, match="n’est plus la même"):
        vault.open(key_id)


def test_a_wrapped_key_put_in_the_place_of_another_does_not_open(settings):
    one, other = vault.new_many(2)
    root = store.folder()
    Path(store.place_of(root, one)).write_bytes(Path(store.place_of(root, other)).read_bytes())
    with pytest.raises(vault.MasterLost):
        vault.open(one)


@pytest.mark.parametrize("text", ["", "2025", "2025:abc", f"{OLD},{OLD}", f":{'a1' * 32}", f"{OLD};{NEW}"])
def test_master_keys_badly_written_are_refused_without_being_shown(settings, text):
    environment(settings, text)
    with pytest.raises(vault.MasterLost, match="PREVENANCE_MASTER_KEYS") as problem:
        vault.new()
    assert "a1a1" not in str(problem.value)


def test_the_file_is_read_again_when_it_changes_and_may_hold_notes(settings):
    path = Path(settings.MASTER_KEYS)
    path.write_text(f"# celle de l’an dernier\n{OLD}\n")
    first = vault.new()
    path.write_text(f"{NEW}\n\n{OLD}\n")
    second = vault.new()
    assert {entry["master"] for entry in stored(settings).values()} == {"2025", "2026"}
    assert len(vault.open_many([first, second])) == 2


def test_a_missing_file_is_made_in_a_demonstration_only(settings):
    vault.new()
    made = Path(settings.MASTER_KEYS).read_text()
    vault.new()
    assert Path(settings.MASTER_KEYS).read_text() == made
    Path(settings.MASTER_KEYS).unlink()
    settings.DEMONSTRATION = False
    with pytest.raises(vault.MasterLost, match="Aucune clé maîtresse") as problem:
        vault.new()
    assert str(Path(settings.MASTER_KEYS).parent) not in str(problem.value)
    assert not Path(settings.MASTER_KEYS).exists()


def test_an_unknown_source_is_named(settings):
    settings.MASTER_SOURCES = ["tiroir"]
    with pytest.raises(vault.MasterLost, match="tiroir"):
        vault.new()


def test_rotation_passes_every_key_and_changes_none(settings):
    environment(settings, OLD)
    ids = vault.new_many(40)
    sealed = {key_id: key.seal("Modèle", PLACE) for key_id, key in vault.open_many(ids).items()}
    made = dict(vault.known())
    environment(settings, NEW, OLD)
    already = vault.new()
    seen = []
    done = rotation.rotate(seen.append)
    assert (done.master, done.done, done.already, done.unopened) == ("2026", 40, 1, {})
    assert seen[-1] == 41
    environment(settings, NEW)  # the old one is put away
    for key_id, key in vault.open_many(ids).items():
        assert key.open(sealed[key_id], PLACE) == "Modèle"
    assert made.items() <= dict(vault.known()).items()
    assert rotation.rotate().already == 41
    assert {entry["master"] for entry in stored(settings).values()} == {"2026"}
    assert vault.open(already)


def test_rotation_goes_on_past_keys_that_no_master_key_opens(settings):
    environment(settings, f"2024:{'d4' * 32}")
    lost = vault.new_many(2)
    environment(settings, OLD)
    vault.new_many(3)
    environment(settings, NEW, OLD)
    done = rotation.rotate()
    assert (done.done, done.unopened) == (3, {"2024": 2})
    assert {stored(settings)[str(key_id)]["master"] for key_id in lost} == {"2024"}


def test_rotation_does_not_disturb_those_who_read(settings):
    environment(settings, OLD, NEW)
    ids = vault.new_many(60)
    sealed = {key_id: key.seal("Modèle", PLACE) for key_id, key in vault.open_many(ids).items()}
    turns, problems, stop = [], [], threading.Event()

    def read():
        try:
            while not stop.is_set():
                found = vault.open_many(ids)
                assert len(found) == 60
                assert {key.open(sealed[key_id], PLACE) for key_id, key in found.items()} == {"Modèle"}
                turns.append(1)
        except BaseException as problem:  # noqa: BLE001  (told to the test below)
            problems.append(problem)

    threads = [threading.Thread(target=read) for _number in range(3)]
    for thread in threads:
        thread.start()
    done = []
    for lines in ((NEW, OLD), (OLD, NEW), (NEW, OLD)):
        environment(settings, *lines)
        done.append(rotation.rotate().done)
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert done == [60, 60, 60]
    assert len(turns) > 3


def test_a_key_destroyed_while_it_is_rewrapped_does_not_come_back(settings, monkeypatch):
    environment(settings, OLD)
    kept, gone = vault.new_many(2)
    environment(settings, NEW, OLD)
    wait, destroyed = store.locked, []

    def late(root):
        if not destroyed:
            destroyed.append(gone)
            vault.destroy(gone)  # between the writing beside and the renaming
        return wait(root)

    monkeypatch.setattr(store, "locked", late)
    assert rotation.rotate().done == 1
    assert list(stored(settings)) == [str(kept)]
    assert list(Path(settings.KEY_STORE).rglob(f"{gone}*")) == []


def test_a_rotation_cut_short_is_run_again(settings, monkeypatch):
    environment(settings, OLD)
    ids = vault.new_many(30)
    environment(settings, NEW, OLD)
    rename, count = os.replace, iter(range(10))

    def crash_at_the_tenth(*paths):
        if next(count, None) is None:
            raise KeyboardInterrupt
        rename(*paths)

    monkeypatch.setattr(store.os, "replace", crash_at_the_tenth)
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate()
    monkeypatch.setattr(store.os, "replace", rename)
    assert len(vault.open_many(ids)) == 30
    assert rotation.rotate().done == 20
    assert len(vault.open_many(ids)) == 30


def test_the_command_counts_rotates_and_says_so(settings):
    environment(settings, OLD)
    vault.new_many(3)
    environment(settings, NEW, OLD)
    vault.new()
    assert json.loads(run("status", "--json")[0]) == {"current": "2026", "keys": {"2025": 3, "2026": 1}}
    assert "3  2025\n" in run("status")[0]
    assert "2026 (enveloppe les nouvelles)" in run("status")[0]
    out, _said = run("rotate")
    assert "sous « 2026 » : 3." in out.replace("\u00a0", " ")
    assert json.loads(run("rotate", "--json")[0]) == {"master": "2026", "done": 0, "already": 4, "unopened": {}}


def test_the_command_fails_when_keys_stay_behind(settings):
    environment(settings, OLD)
    vault.new()
    environment(settings, NEW)
    with pytest.raises(SystemExit):
        run("rotate")


def test_the_command_shows_progress(settings, monkeypatch):
    monkeypatch.setattr("prevenance.core.management.commands.keys.EVERY", 10)
    vault.new_many(40)
    _out, said = run("rotate")
    assert said.count("clés…") >= 2


def test_the_command_makes_a_master_key_and_a_store(settings):
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError, match="Le magasin des clés est introuvable"):
        run("status")
    run("prepare")
    line, _said = run("generate")
    Path(settings.MASTER_KEYS).write_text(line)
    assert vault.open(vault.new())
    assert run("generate")[0] != line


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
