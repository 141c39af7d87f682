"""No test, and nothing it starts, touches its user's own folder or keyring or keeps to signals ignored before."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("same", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    # What is red there is red for whoever looks into it. Elsewhere, and by `make fuzz`, other examples are tried.
    hypothesis.settings.load_profile("same")


gc.disable()  # until all is collected: ten thousand tests are no garbage, and each look at them takes long


def pytest_collection_finish() -> None:
    """They are never looked at again."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _signals_as_on_a_terminal() -> None:
    """Started in a script's background or with nohup, tests would have these ignored, as gsmsend keeps to that."""
    for name, usual in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.fixture(autouse=True, scope="session")
def _nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for keys that is nobody's, and no keyring; for child processes too, as the environment says so."""
    home = tmp_path_factory.mktemp("config")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(home))
        patch.setenv("APPDATA", str(home))
        patch.setenv("XDG_STATE_HOME", str(home / "state"))
        patch.setenv("LOCALAPPDATA", str(home / "state"))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        patch.delenv("CREDENTIALS_DIRECTORY", raising=False)
        patch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
        assert os.environ["XDG_CONFIG_HOME"] == str(home)
        yield home
