"""No test touches its user's own folder or keyring, and none does so through a program that it starts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("same", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    # What is red there is red for whoever looks into it. Elsewhere, and by `make fuzz`, other examples are tried.
    hypothesis.settings.load_profile("same")


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
