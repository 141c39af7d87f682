"""The keyring of a real desktop: gnome-keyring, by the Secret Service interface, on a bus of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from pathlib import Path
from gsmsend.keyplace import Home, Keeper, Place, ring
from gsmsend.store.key import NAME, OperationKey

name = ring.usable()
assert name, "the keyring of the desktop is not used"
folder = Path(sys.argv[1])

def key(place):
    (folder / place).mkdir(exist_ok=True)
    return OperationKey(folder / place / NAME, Keeper(f"operation {place}", Home(folder / "own")))

for place in ("one", "two"):
    key(place).make()
    assert key(place).place is Place.KEYRING
one, two = key("one").unlock(), key("two").unlock()
assert one != two
key("one").move(Place.HOME, lambda: None)
assert ring.get(key("two").key_id) == two
assert ring.get(key("one").key_id) is None
key("one").move(Place.KEYRING, lambda: None)
assert key("one").unlock() == one
assert not list((folder / "own").iterdir())
print(name, one.hex())
"""


@pytest.fixture
def desktop(tmp_path: Path) -> list[str]:
    """What to put before a command so that it finds an unlocked keyring."""
    needed = ("dbus-run-session", "gnome-keyring-daemon")
    if sys.platform != "linux" or not all(map(shutil.which, needed)):
        pytest.skip("needs Debian's packages dbus and gnome-keyring")
    unlocked = 'printf "a login password" | gnome-keyring-daemon --unlock --components=secrets >&2'
    start = unlocked + ' && exec "$@"'
    return ["dbus-run-session", "--", "sh", "-c", start, "sh"]


def test_keys_of_two_operations_in_the_keyring_of_a_desktop(desktop: list[str], tmp_path: Path) -> None:
    left_out = ("PYTHON_KEYRING_BACKEND", "DBUS_SESSION_BUS_ADDRESS")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment |= {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    environment |= {f"XDG_{name.upper()}_HOME": str(tmp_path / name) for name in ("data", "config", "cache")}
    command = [*desktop, sys.executable, "-c", PROGRAM, str(tmp_path / "operations")]
    (tmp_path / "operations").mkdir()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    name, octets = done.stdout.splitlines()[-1].rsplit(" ", 1)
    assert "Secret" in name
    for file in filter(Path.is_file, tmp_path.rglob("*")):
        assert octets.encode() not in file.read_bytes(), f"in clear in {file}"
        assert bytes.fromhex(octets) not in file.read_bytes(), f"in clear in {file}"
