"""The command table: which function answers which form of which command."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gsmsend_virtual.atline import Call, Form

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem


class Pending:
    """The type of PENDING."""


PENDING: Final = Pending()  # the command goes on; the modem is told later

Reply = str | list[str] | None | Pending
Handler = Callable[["Modem", Call], Reply]


class Table:
    """Commands by name and form."""

    def __init__(self) -> None:
        self.handlers: dict[tuple[str, Form], Handler] = {}

    def on(self, name: str, *forms: Form) -> Callable[[Handler], Handler]:
        """Register a function for forms of a command (all forms where none is named)."""

        def register(handler: Handler) -> Handler:
            for form in forms or (Form.EXECUTE, Form.READ, Form.TEST, Form.WRITE):
                key = (name, form)
                if key in self.handlers:
                    raise ValueError(f"{name} {form.value} is in the command table twice")
                self.handlers[key] = handler
            return handler

        return register

    def merge(self, other: Table) -> None:
        """Take over another table's commands. Raises ValueError for one that is here already."""
        for name, form in other.handlers.keys() & self.handlers.keys():
            raise ValueError(f"{name} {form.value} is in two command tables")
        self.handlers |= other.handlers

    def read(self, name: str) -> Callable[[Handler], Handler]:
        """Register for `NAME?`."""
        return self.on(name, Form.READ)

    def write(self, name: str) -> Callable[[Handler], Handler]:
        """Register for `NAME=...`."""
        return self.on(name, Form.WRITE)

    def test(self, name: str) -> Callable[[Handler], Handler]:
        """Register for `NAME=?`."""
        return self.on(name, Form.TEST)

    def execute(self, name: str) -> Callable[[Handler], Handler]:
        """Register for `NAME`."""
        return self.on(name, Form.EXECUTE)


@dataclass(frozen=True, slots=True)
class Setting:
    """A command that only keeps values: `test` is what `=?` answers, and what `=` accepts (V.250 5.4.4)."""

    name: str
    test: str
    default: tuple[int | str, ...]
    quoted: bool = False

    @property
    def allowed(self) -> tuple[frozenset[int | str] | None, ...]:
        """The values that each parameter may take; None for any."""
        return _allowed(self.test)


@lru_cache(maxsize=256)
def _allowed(test: str) -> tuple[frozenset[int | str] | None, ...]:
    return tuple(_values(group) for group in re.findall(r"\(([^()]*)\)", test))


def _values(group: str) -> frozenset[int | str] | None:
    values: set[int | str] = set()
    for part in group.split(","):
        word = part.strip()
        if word.startswith('"'):
            values.add(word.strip('"').upper())
        elif span := re.fullmatch(r"(\d+)-(\d+)", word):
            if int(span[2]) - int(span[1]) > 100_000:
                return None
            values.update(range(int(span[1]), int(span[2]) + 1))
        elif word.isdigit():
            values.add(int(word))
        else:
            return None
    return frozenset(values)
