"""Places in a modem's work where a fault switch may step in.

| place | when | argument |
|---|---|---|
| `input` | octets came from the client | the octets |
| `command` | AT+CMGS, before anything is checked | what goes on with it |
| `prompt` | the prompt is due | what shows it |
| `prompted` | the prompt was shown | None |
| `entry` | part of a text or PDU was typed, Ctrl-Z not seen yet | None |
| `submitted` | Ctrl-Z came and the text is on air | None |
| `result` | the answer to a submission is due | what says it |
"""

from __future__ import annotations

from collections.abc import Callable

Hook = Callable[[object], bool]


class Hooks:
    """Functions by place, oldest first; one that returns True has taken the matter over."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: dict[str, list[Hook]] = {}

    def add(self, place: str, hook: Hook) -> Callable[[], None]:
        """Step in at a place; the function returned steps out again."""
        self._places.setdefault(place, []).append(hook)

        def remove() -> None:
            hooks = self._places.get(place, [])
            if hook in hooks:
                hooks.remove(hook)
            if not hooks:
                self._places.pop(place, None)

        return remove

    def divert(self, place: str, matter: object) -> bool:
        """Ask the hooks of a place; whether one took it over."""
        hooks = self._places.get(place)
        return hooks is not None and any(hook(matter) for hook in list(hooks))
