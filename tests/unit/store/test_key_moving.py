"""Moving the operation's key: cut off anywhere there is a usable key, and the same again finishes it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gsmsend.errors import KeyStop, StoreError
from gsmsend.keyplace import NOBODY, Home, Keeper, Place, files, moving, sealing
from gsmsend.store.key import NAME, OperationKey

WORDS = "three good words here"
RAW = bytes(range(32))


class Somebody(NOBODY):
    """Knows the passphrase."""

    able = True

    def known(self, what: str) -> str:
        return WORDS

    def new(self, what: str) -> str:
        return WORDS


def keeper(tmp_path: Path, keep: Place | None = Place.HOME) -> Keeper:
    return Keeper("the operation op", Home(tmp_path / "own"), keep, lab=False, asker=Somebody())


def key(tmp_path: Path, keep: Place | None = Place.HOME) -> OperationKey:
    """The key as another command finds it."""
    (tmp_path / "op").mkdir(exist_ok=True)
    return OperationKey(tmp_path / "op" / NAME, keeper(tmp_path, keep))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_N", 2**14)


def made(tmp_path: Path, place: Place) -> str:
    """An operation with its key there; what the key says."""
    new = key(tmp_path, place)
    if place is Place.FOLDER:
        files.write(new.path, RAW)
    else:
        new.make()
    return new.digest("+447700900001")


PLACES = [Place.PASSPHRASE, Place.HOME]


@pytest.mark.parametrize("place", PLACES)
def test_a_new_key_is_not_beside_the_store(tmp_path: Path, place: Place) -> None:
    says = made(tmp_path, place)
    octets = key(tmp_path).unlock()
    for file in (tmp_path / "op").iterdir():
        assert octets not in file.read_bytes()
        assert octets.hex().encode() not in file.read_bytes()
        assert file.stat().st_mode & 0o777 == 0o600
    assert key(tmp_path).digest("+447700900001") == says


@pytest.mark.parametrize("was", [Place.FOLDER, *PLACES])
@pytest.mark.parametrize("to", PLACES)
def test_a_moved_key_is_the_same_key_and_nowhere_else(tmp_path: Path, was: Place, to: Place) -> None:
    says = made(tmp_path, was)
    recorded: list[Place | None] = []
    moved = key(tmp_path)
    moved.move(to, lambda: recorded.append(key(tmp_path).place))
    assert recorded == [to], "it is on record once the file says so"
    assert (moved.place, key(tmp_path).place) == (to, to)
    assert key(tmp_path).digest("+447700900001") == says
    assert [file.name for file in (tmp_path / "op").iterdir()] == [NAME]
    assert len(list(tmp_path.glob("own/*"))) == (to is Place.HOME)


def test_what_is_told_later_holds_the_key_to_it(tmp_path: Path) -> None:
    says = made(tmp_path, Place.PASSPHRASE)
    right, wrong = key(tmp_path), key(tmp_path)
    right.open(needed=True)
    right.expect("+447700900001", says)
    assert right.digest("+447700900001") == says
    wrong.expect("+447700900001", "00" * 32)
    with pytest.raises(KeyStop, match="the key of another operation") as raised:
        wrong.subkey("anything")
    assert raised.value.exit_code == 5
    with pytest.raises(KeyStop, match="the key of another operation"):
        right.expect("+447700900001", "00" * 32)


def test_looking_at_the_file_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, Place.PASSPHRASE)
    monkeypatch.setattr(Somebody, "known", lambda *_: pytest.fail("somebody was asked"))
    found = key(tmp_path)
    assert found.open(needed=True)
    assert found.place is Place.PASSPHRASE


def test_an_operation_that_was_moved_finds_its_key_again(tmp_path: Path) -> None:
    says = made(tmp_path, Place.HOME)
    (tmp_path / "op").rename(tmp_path / "elsewhere")
    assert OperationKey(tmp_path / "elsewhere" / NAME, keeper(tmp_path)).digest("+447700900001") == says


@pytest.mark.parametrize("damage", ["{" * 100, '{"format": "gsmsend key 1"}' + " " * 40, "{" + "x" * 9000])
def test_a_damaged_envelope_is_told_and_not_replaced(tmp_path: Path, damage: str) -> None:
    made(tmp_path, Place.HOME)
    (tmp_path / "op" / NAME).write_text(damage)
    for needed in (True, False):
        with pytest.raises(KeyStop, match="is damaged: it") as raised:
            key(tmp_path).open(needed=needed)
    assert "gsmsend key restore FILE" in raised.value.remedy
    with pytest.raises(StoreError):
        key(tmp_path).make()
    assert (tmp_path / "op" / NAME).read_text() == damage


def test_two_that_make_the_first_key_at_once(tmp_path: Path) -> None:
    first, second = key(tmp_path), key(tmp_path)
    second.prepare()
    first.make()
    with pytest.raises(StoreError, match="cannot be made"):
        second.make()
    assert key(tmp_path).unlock() == first.unlock()
    assert len(list(tmp_path.glob("own/*"))) == 1


def test_a_lab_whose_user_has_no_folder_keeps_it_in_its_own(tmp_path: Path) -> None:
    (tmp_path / "own").touch()
    bare = Keeper("the operation op", Home(tmp_path / "own" / "x"), None, lab=True)
    lab = OperationKey(tmp_path / NAME, bare)
    lab.make()
    assert OperationKey(tmp_path / NAME, bare).place is Place.FOLDER
    assert OperationKey(tmp_path / NAME, bare).unlock() == lab.unlock()


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from gsmsend.keyplace import NOBODY, Home, Keeper, Place, sealing
from gsmsend.store.key import NAME, OperationKey

sealing._N = sealing._LEAST_N = 2**4

class Somebody(NOBODY):
    able = True
    known = new = lambda self, what: "three good words here"

def move(folder, to, at):
    key = OperationKey(folder / "op" / NAME, Keeper("op", Home(folder / "own"), None, False, Somebody()))
    key.unlock()
    steps = iter(range(10**6))

    def killing(inner):
        def outer(*args, **extra):
            if next(steps) == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return inner(*args, **extra)
        return outer

    for kind, name in ((os, "open"), (os, "link"), (os, "fsync"), (Path, "unlink"), (Path, "replace")):
        setattr(kind, name, killing(getattr(kind, name)))
    key.move(to, lambda: None)

for folder in sorted(Path(sys.argv[2]).iterdir()):
    child = os.fork()
    if not child:
        move(folder, Place(sys.argv[3]), int(folder.name))
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        print(int(folder.name))  # so many steps were before its end
        break
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("was", "to"), [(Place.FOLDER, Place.HOME), (Place.HOME, Place.PASSPHRASE), (Place.PASSPHRASE, Place.HOME)]
)
def test_killed_at_any_step_the_key_is_usable_and_the_same_again_finishes_it(
    tmp_path: Path, was: Place, to: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_N", 2**4)
    monkeypatch.setattr(sealing, "_LEAST_N", 2**4)
    monkeypatch.setattr(os, "fsync", lambda _handle: None)  # nobody pulls the plug of this computer meanwhile
    places = [tmp_path / f"{step:03}" for step in range(120)]
    says = []
    for place in places:
        place.mkdir()
        says.append(made(place, was))
    command = [sys.executable, "-c", KILLED, str(Path.cwd()), str(tmp_path), to.value]
    steps = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert steps > 20
    for step, place in enumerate(places[:steps]):
        assert key(place).digest("+447700900001") == says[step], f"after a kill at step {step}"
        assert key(place).place in (was, to)
        again = key(place)
        again.move(to, lambda: None)
        again.tidy()
        assert key(place).digest("+447700900001") == says[step]
        octets = again.unlock()
        assert not [file for file in (place / "op").iterdir() if octets in file.read_bytes()]
        assert len(list(place.glob("own/*"))) == (to is Place.HOME)


def test_what_was_in_clear_is_overwritten(tmp_path: Path) -> None:
    made(tmp_path, Place.FOLDER)
    kept_open = (tmp_path / "op" / NAME).open("rb")  # the very octets of the disk, under whatever name
    key(tmp_path).move(Place.HOME, lambda: None)
    with kept_open:
        left = kept_open.read()
    assert len(left) == len(RAW)
    assert left != RAW


def test_a_leftover_in_clear_is_taken_away_by_whoever_opens_the_store(tmp_path: Path) -> None:
    made(tmp_path, Place.HOME)
    old = tmp_path / "op" / f"{NAME}.old"
    old.write_bytes(RAW)
    assert files.left_over(tmp_path / "op" / NAME)
    key(tmp_path).tidy()
    assert not old.exists()
    assert key(tmp_path).unlock()


def test_nothing_is_taken_away_if_it_cannot_be_put_on_record(tmp_path: Path) -> None:
    says = made(tmp_path, Place.HOME)

    def refused() -> None:
        raise StoreError("the disk is full")

    with pytest.raises(StoreError):
        key(tmp_path).move(Place.PASSPHRASE, refused)
    assert list(tmp_path.glob("own/*.key"))
    assert key(tmp_path).digest("+447700900001") == says
    key(tmp_path).move(Place.PASSPHRASE, lambda: None)
    assert not list(tmp_path.glob("own/*.key"))


def test_a_backup_brings_back_a_key_that_was_lost(tmp_path: Path) -> None:
    says = made(tmp_path, Place.HOME)
    key(tmp_path).back_up(tmp_path / "backup", "other words entirely")
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    (tmp_path / "op" / NAME).unlink()
    next(tmp_path.glob("own/*.key")).unlink()
    backup = moving.read_backup(tmp_path / "backup")
    assert backup.opened(WORDS) is None
    octets = backup.opened("other words entirely")
    assert octets is not None
    path = tmp_path / "op" / NAME
    moving.put_back(path, keeper(tmp_path), octets, backup.key_id, Place.PASSPHRASE, lambda: None)
    assert key(tmp_path).digest("+447700900001") == says


def test_a_backup_of_another_operation_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    made(tmp_path / "a", Place.HOME)
    made(tmp_path / "b", Place.HOME)
    octets = key(tmp_path / "b").unlock()
    before = (tmp_path / "a" / "op" / NAME).read_bytes()
    path = tmp_path / "a" / "op" / NAME
    with pytest.raises(KeyStop, match="backup of another operation's key"):
        moving.put_back(path, keeper(tmp_path), octets, "00" * 16, Place.HOME, lambda: None)
    assert (tmp_path / "a" / "op" / NAME).read_bytes() == before


def test_the_key_that_an_envelope_names_is_checked_however_it_was_made(tmp_path: Path) -> None:
    made(tmp_path, Place.HOME)
    fields = json.loads((tmp_path / "op" / NAME).read_text())
    fields["check"] = "00" * 16
    (tmp_path / "op" / NAME).write_text(json.dumps(fields))
    with pytest.raises(KeyStop, match="is another"):
        key(tmp_path).unlock()
