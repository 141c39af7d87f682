"""What the tests of key places share: a keyring of our own, somebody who answers, keepers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from keyring import backend, errors

from gsmsend.keyplace import Home, Keeper, Place
from gsmsend.keyplace.asking import NOBODY, Asker

KEY = bytes(range(32))
ID = "0f" * 16
WORDS = "three good words here"


class MemoryKeyring(backend.KeyringBackend):
    """A keyring by keyring's own backend interface; `fault` is raised by whatever is asked of it."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring leaves it untyped
        self.held: dict[tuple[str, str], str] = {}
        self.fault: Exception | None = None

    def _may(self) -> None:
        if self.fault is not None:
            raise self.fault

    def get_password(self, service: str, username: str) -> str | None:
        self._may()
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._may()
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._may()
        try:
            del self.held[service, username]
        except KeyError:
            raise errors.PasswordDeleteError(username) from None


@dataclass
class Somebody:
    """gsmsend.keyplace.Asker: gives these answers, one after the other, and keeps what was said."""

    answers: list[str] = field(default_factory=list)
    tries: int = 3
    up_front: bool = False
    opened: dict[str, bytes] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def able(self) -> bool:
        return True

    def known(self, what: str) -> str:
        self.asked.append(what)
        return self.answers.pop(0)

    def new(self, what: str) -> str:
        self.asked.append(f"new: {what}")
        return self.answers.pop(0)

    def tell(self, words: str) -> None:
        self.said.append(words)


def keeper(folder: Path, asker: Asker | None = None, *, keep: Place | None = None, lab: bool = False) -> Keeper:
    """A keeper whose user's own folder is `folder`."""
    return Keeper("the operation op", Home(folder), keep, lab, asker or NOBODY())
