"""A key seals for one place; what is changed, moved or of another key does not open; what is destroyed is gone."""

import base64
import json
import os
import pickle
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from prevenance.core import vault
from prevenance.core.vault import store
from prevenance.core.vault.checks import keys_are_private
from prevenance.core.vault.key import BLOCK, OVERHEAD

PLACE = "invented.family_name"
SAME_STORE = example_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@pytest.fixture
def key():
    return vault.open(vault.new())


def files(settings):
    return sorted(path for path in Path(settings.KEY_STORE).rglob("*") if path.is_file() and path.name != store.LOCK)


@given(text=st.text(st.characters(exclude_categories=["Cs"])), content=st.binary())
@SAME_STORE
def test_what_is_sealed_opens(text, content):
    key = vault.Key(uuid4(), os.urandom(32))
    assert key.open(key.seal(text, PLACE), PLACE) == text
    assert key.open(memoryview(key.seal(text, PLACE)), PLACE) == text
    assert key.open_bytes(key.seal_bytes(content, PLACE), PLACE) == content


def test_a_stored_key_opens_what_it_sealed_before(key):
    sealed = key.seal("Zéphyrine Modèle-Fictif", PLACE)
    again = vault.open(key.id)
    assert again.id == key.id
    assert again.open(sealed, PLACE) == "Zéphyrine Modèle-Fictif"


def test_the_same_text_is_never_sealed_alike_and_does_not_show(key):
    one, other = key.seal("Zéphyrine", PLACE), key.seal("Zéphyrine", PLACE)
    assert one != other
    assert b"phyrine" not in one
    assert one[0] == 1


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=15))
@SAME_STORE
def test_words_are_not_told_apart_by_their_length(word):
    key = vault.Key(uuid4(), os.urandom(32))
    assert len(key.seal(word, PLACE)) == OVERHEAD + BLOCK
    assert key.open(key.seal(f"{word}\0\0", PLACE), PLACE) == f"{word}\0\0"


def test_an_attachment_is_not_a_text(key):
    for blob, opening in (
        (key.seal_bytes(b"%PDF", PLACE), key.open),
        (key.seal("Modèle", PLACE), key.open_bytes),
    ):
        with pytest.raises(vault.Tampered):
            opening(blob, PLACE)
    assert len(key.seal_bytes(b"%PDF", PLACE)) == 4 + OVERHEAD


def test_empty_stays_empty_and_tells_it(key):
    assert key.seal("", PLACE) == b"" == key.seal_bytes(b"", PLACE)
    assert key.open(b"", PLACE) == ""
    assert key.open_bytes(memoryview(b""), PLACE) == b""


def test_every_byte_counts(key):
    sealed = key.seal("Modèle", PLACE)
    assert len(sealed) > 30
    for position in range(len(sealed)):
        for bit in (1, 128):
            changed = bytearray(sealed)
            changed[position] ^= bit
            with pytest.raises(vault.Tampered, match="modifiée hors de l’application"):
                key.open(bytes(changed), PLACE)
    for length in range(1, len(sealed)):
        with pytest.raises(vault.Tampered):
            key.open(sealed[:length], PLACE)
    with pytest.raises(vault.Tampered):
        key.open(sealed + b"\0", PLACE)


def test_a_value_moved_to_another_column_does_not_open(key):
    with pytest.raises(vault.Tampered):
        key.open(key.seal("Modèle", PLACE), "invented.given_name")


ROWS = st.integers(1, 2**63 - 1)


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1), row=ROWS, other=ROWS)
@SAME_STORE
def test_a_value_moved_to_another_row_does_not_open(text, row, other):
    key = vault.Key(uuid4(), os.urandom(32))
    sealed = key.seal(text, PLACE, row)
    assert key.open(sealed, PLACE, row) == text
    assert (sealed[0], len(sealed)) == (2, len(key.seal(text, PLACE)))
    if other != row:
        with pytest.raises(vault.Tampered):
            key.open(sealed, PLACE, other)
    for elsewhere in ((PLACE, None), ("invented.given_name", row)):
        with pytest.raises(vault.Tampered):
            key.open(sealed, *elsewhere)
    with pytest.raises(vault.Tampered):
        key.open_bytes(sealed, PLACE)
    with pytest.raises(vault.Tampered):  # told to be of the older form, it is not
        key.open(b"\x01" + sealed[1:], PLACE, row)


def test_what_was_sealed_before_rows_were_bound_opens_until_it_is_refused(key, settings):
    sealed = key.seal("Modèle", PLACE)
    assert key.open(sealed, PLACE, 12) == "Modèle"
    with pytest.raises(vault.Tampered):  # told to be of the newer form, it is not
        key.open(b"\x02" + sealed[1:], PLACE, 12)
    settings.OLD_SEALS_REFUSED = True
    with pytest.raises(vault.Tampered):
        key.open(sealed, PLACE, 12)
    assert key.open(b"", PLACE, 12) == ""
    assert key.open(key.seal("Modèle", PLACE, 12), PLACE, 12) == "Modèle"
    assert key.open_bytes(key.seal_bytes(b"%PDF", PLACE), PLACE) == b"%PDF"  # an attachment's place names it


def test_a_value_moved_to_another_file_does_not_open(key):
    with pytest.raises(vault.Tampered):
        vault.open(vault.new()).open(key.seal("Modèle", PLACE), PLACE)


def test_text_in_clear_does_not_open(key):
    with pytest.raises(vault.Tampered):
        key.open(b"Un texte en clair, assez long pour tromper.", PLACE)


def test_a_key_is_never_written(key):
    with pytest.raises(TypeError):
        pickle.dumps(key)
    assert not hasattr(key, "__dict__")


def test_a_destroyed_key_is_lost_and_destroying_again_does_nothing(settings):
    kept, gone = vault.new_many(2)
    vault.destroy(gone)
    vault.destroy(gone)
    with pytest.raises(vault.KeyLost, match="détruite"):
        vault.open(gone)
    with pytest.raises(vault.KeyLost):
        vault.open(uuid4())
    assert set(vault.open_many([kept, gone, uuid4()])) == {kept}
    assert [path.stem for path in files(settings)] == [str(kept)]


def test_destroying_overwrites_before_it_removes(settings):
    gone = vault.new()
    path = files(settings)[0]
    with open(path, "rb") as held:  # as a reader, or a copy of the folder's entry, would
        size = len(held.read())
        vault.destroy(gone)
        held.seek(0)
        assert held.read() == bytes(size)
    assert not path.exists()


def test_a_destruction_cut_short_is_a_lost_key_that_the_sweep_still_sees(settings):
    gone = vault.new()
    path = files(settings)[0]
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(vault.KeyLost):
        vault.open(gone)
    assert [key_id for key_id, _made in vault.known()] == [gone]
    vault.destroy(gone)
    assert list(vault.known()) == []


def test_known_tells_each_key_and_when_it_was_made():
    before = datetime.now(UTC) - timedelta(seconds=1)
    ids = vault.new_many(70)
    found = dict(vault.known())
    assert set(found) == set(ids)
    assert all(before <= made <= datetime.now(UTC) for made in found.values())


def test_keys_and_master_keys_are_read_by_their_owner_only(settings):
    vault.new_many(3)
    written = [*files(settings), Path(settings.KEY_STORE) / store.LOCK, Path(settings.MASTER_KEYS)]
    assert len(written) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    folders = [path for path in Path(settings.KEY_STORE).rglob("*") if path.is_dir()] + [Path(settings.KEY_STORE)]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_the_deployment_check_names_what_others_may_read(settings):
    assert keys_are_private(None) == []
    vault.new()
    assert keys_are_private(None) == []
    Path(settings.MASTER_KEYS).chmod(0o640)
    assert keys_are_private(None) == []
    Path(settings.MASTER_KEYS).chmod(0o644)
    Path(settings.KEY_STORE).chmod(0o711)
    found = keys_are_private(None)
    assert [str(settings.MASTER_KEYS) in found[0].msg, str(settings.KEY_STORE) in found[1].msg] == [True, True]


def test_the_store_holds_no_key_in_clear(settings, monkeypatch):
    secret = bytes(range(32))
    monkeypatch.setattr("prevenance.core.vault.keyring.os.urandom", lambda size: secret[:size])
    vault.new()
    stored = json.loads(files(settings)[0].read_text())
    assert set(stored) == {"master", "wrapped", "made"}
    assert len(base64.b64decode(stored["wrapped"])) == 12 + 32 + 16
    assert secret[:16] not in base64.b64decode(stored["wrapped"])


@pytest.mark.parametrize("count", [1, 3, store.ONE_BY_ONE + 1])
def test_a_crash_before_the_renaming_leaves_no_key_and_no_half_key(settings, monkeypatch, count):
    kept = vault.new()

    def crash(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(store.os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        vault.new_many(count)
    assert [path.stem for path in files(settings)] == [str(kept)]


def test_a_process_killed_before_the_renaming_leaves_no_key(settings):
    kept = vault.new()
    path = files(settings)[0]
    child = os.fork()
    if child == 0:  # nothing is cleaned up behind it, as when the power is cut
        store.os.replace = lambda *paths: os._exit(9)
        vault.new()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    (partial,) = set(files(settings)) - {path}
    assert [key_id for key_id, _made in vault.known()] == [kept]
    with pytest.raises(vault.KeyLost):
        vault.open(UUID(partial.name[:36]))
    assert store.remove_leftovers(store.folder(), partial.stat().st_mtime - 1) == 0
    assert store.remove_leftovers(store.folder(), partial.stat().st_mtime + 1) == 1
    assert files(settings) == [path]


def test_other_files_in_the_store_are_left_alone(settings):
    kept = vault.new()
    stray = files(settings)[0].with_name("notes.json")
    stray.write_text("{}")
    assert [key_id for key_id, _made in vault.known()] == [kept]
    assert stray.exists()


def test_destroying_takes_what_an_interrupted_rewrapping_left_of_the_key(settings):
    gone = vault.new()
    path = files(settings)[0]
    path.with_name(f"{path.name}.0badcafe").write_bytes(path.read_bytes())
    vault.destroy(gone)
    assert files(settings) == []


def test_a_key_is_flushed_before_it_is_named_and_its_folder_after(monkeypatch):
    vault.new()
    calls = []
    flush, rename = os.fsync, os.replace
    monkeypatch.setattr(store.os, "fsync", lambda handle: (calls.append("flush"), flush(handle)))
    monkeypatch.setattr(store.os, "replace", lambda *paths: (calls.append("rename"), rename(*paths)))
    vault.new()
    assert calls[-3:] == ["flush", "rename", "flush"]


def test_a_store_that_is_not_there_outside_a_demonstration_is_not_made(settings):
    settings.DEMONSTRATION = False
    for act in (vault.new, lambda: vault.open(uuid4()), lambda: list(vault.known()), lambda: vault.destroy(uuid4())):
        with pytest.raises(vault.StoreLost, match="Le magasin des clés est introuvable"):
            act()
    Path(settings.KEY_STORE).mkdir()  # the empty place of a disk that is not mounted
    with pytest.raises(vault.StoreLost):
        vault.open(uuid4())


def test_writers_and_destroyers_at_once_leave_each_key_whole(settings):
    problems = []

    def live():
        try:
            for _turn in range(15):
                key_id = vault.new()
                sealed = vault.open(key_id).seal("x", PLACE)
                assert vault.open(key_id).open(sealed, PLACE) == "x"
                vault.destroy(key_id)
        except BaseException as problem:  # noqa: BLE001  (told to the test below)
            problems.append(problem)

    threads = [threading.Thread(target=live) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert files(settings) == []
