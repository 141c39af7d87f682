"""An operation with approvals, people in it, and officers with keys: what the tests of approval begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from click.testing import Result

from gsmsend import config, wiring
from gsmsend.contract import CampaignFacts
from gsmsend.store import SqlStore

from .conftest import Call

TEXT = "Example Police: free help at https://example.org/help or 0808 157 0123. Reply STOP to opt out."
PASSPHRASE = "correct horse battery"  # noqa: S105 - of keys that the tests make
NAMES = {"DC Example": "pc1", "DS Other": "pc2", "PC Third": "pc3"}


class Desk:
    """Short words for what officers do."""

    def __init__(self, call: Call, folder: Path) -> None:
        self.call_, self.folder = call, folder
        self.words = folder.parent / "passphrase"
        self.words.write_text(PASSPHRASE + "\n", encoding="utf-8")
        self.words.chmod(0o600)

    def call(self, *args: object) -> Result:
        """A command on this operation."""
        return self.call_(*args, "--operation", self.folder)

    def settle(self, old: str, new: str) -> None:
        """Change a line of gsmsend.toml."""
        file = self.folder / config.FILE
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def bring_in(self, count: int, text: str = TEXT, *more: object, name: str = "people.csv") -> Result:
        """Import people with one text for all."""
        people, message = self.folder.parent / name, self.folder.parent / "message.txt"
        people.write_text("number\n" + "".join(f"07700 900{n:03}\n" for n in range(count)), encoding="utf-8")
        message.write_text(text, encoding="utf-8")
        result = self.call("import", people, "--text-file", message, *more)
        assert result.exit_code == 0, result.output
        return result

    def add(self, *names: str) -> None:
        """Officers, each with a key under the one passphrase."""
        for name in names:
            result = self.call("officer", "add", name, "--login", NAMES[name], "--passphrase-file", self.words)
            assert result.exit_code == 0, result.output

    def approve(self, name: str, *more: object) -> Result:
        """What an officer types."""
        return self.call("approve", "--officer", name, "--passphrase-file", self.words, *more)

    @contextmanager
    def store(self) -> Iterator[SqlStore]:
        """The operation's store, opened."""
        store = wiring.open_store(config.load(self.folder))
        try:
            yield store
        finally:
            store.close()

    def facts(self, name: str = "main") -> CampaignFacts:
        """The campaign as it is."""
        with self.store() as store:
            found = store.campaign_facts(name)
        assert found is not None
        return found

    def clear(self) -> wiring.Clearance:
        """What a run asks before it sends."""
        with self.store() as store:
            return wiring.clear_to_send(config.load(self.folder), store, 1.8e9)
