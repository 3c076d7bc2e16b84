"""Master keys come from a file, the environment or a key service, and change without a stop."""

import io
import json
import os
import threading
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from prevenance.core import vault
from prevenance.core.vault import rotation, store

PLACE = "invented.family_name"
OLD, NEW = f"2025:{'a1' * 32}", f"2026:{'b2' * 32}"


def environment(settings, *lines):
    settings.MASTER_SOURCES = ["environment"]
    settings.MASTER_KEYS_GIVEN = ",".join(lines)


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
