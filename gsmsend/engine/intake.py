"""A line's share of the queue: claimed ahead while the radio is busy, so that it never waits for the store."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

from gsmsend.contract import Claimed, Store
from gsmsend.engine.gate import Gate
from gsmsend.engine.health import Allowance
from gsmsend.errors import FenceLost

_AHEAD_S = 0.5
"""Claim as much as the line will send in this time: one message on a real radio, dozens on a fast bench."""
_MOST = 64
_SLOW_S = 5.0
"""What a part may take on a line that was not measured yet."""
_MARGIN = 1.5


class Intake:
    """Owned by the line's thread; only `poke` may be called from another.

    `bound_only`: this line takes only what is meant for it. `allowed` says what it may claim as its health is.
    """

    def __init__(
        self,
        store: Store,
        line_id: int,
        gate: Gate,
        *,
        bound_only: bool = False,
        allowed: Callable[[], Allowance] = Allowance,
    ) -> None:
        self._bound_only = bound_only
        self._allowed = allowed
        self._store = store
        self._gate = gate
        self._line_id = line_id
        self._ready: deque[Claimed] = deque()
        self._claim: Future[list[Claimed]] | None = None
        self._part_s = 1.0
        self._slow_s = _SLOW_S
        self.starved = False
        """The queue had nothing for this line when it was last asked; `poke` makes it ask again."""

    def poke(self) -> None:
        """There may be work again."""
        self.starved = False

    def timed(self, seconds: float) -> None:
        """A part took so long, from its prompt to its answer."""
        self._part_s += (seconds - self._part_s) * 0.2
        self._slow_s += (seconds * _MARGIN - self._slow_s) * 0.2

    def needed_s(self, parts: int) -> float:
        """How long so many parts will take over this line, generously."""
        return parts * self._slow_s

    def refill(self, now_s: float, *, ahead: bool = True) -> None:
        """Ask for more if little is left, `ahead` of the need if the line may. Does not wait.

        Ahead of the need nothing is raised: an attempt may be open by then, which that would leave in doubt.
        """
        if ahead and self._claim is not None and self._claim.done() and self._claim.exception() is not None:
            return  # whoever needs more hears why there is none
        self._harvest(wait=False)
        want = max(1, min(_MOST, int(_AHEAD_S / max(self._part_s, 1e-3))))
        if self._claim is None and not self.starved and len(self._ready) <= want // 2:
            allowed = self._allowed()
            if not allowed.ahead:
                if ahead:
                    return
                want = 1
            without, bound_only = tuple(self._gate.halted), self._bound_only or not allowed.shared
            self._claim = self._store.claim(self._line_id, want, now_s, without, bound_only=bound_only)

    def take(self, now_s: float) -> Claimed | None:
        """The next message, or None if there is none; waits for a claim under way."""
        self._harvest(wait=not self._ready)
        if not self._ready and not self.starved:
            self.refill(now_s, ahead=False)
            self._harvest(wait=True)
        return self._ready.popleft() if self._ready else None

    def peek(self) -> Claimed | None:
        """The next message that is at hand without waiting."""
        self._harvest(wait=False)
        return self._ready[0] if self._ready else None

    def give_back(self, now_s: float) -> None:
        """Return what was claimed and not begun."""
        with suppress(FenceLost):  # then it was given back for us
            self._harvest(wait=True)
        if self._ready:
            ids = [message.message_id for message in self._ready]
            self._store.release(ids, now_s, self._line_id).result()
            self._ready.clear()

    def _harvest(self, *, wait: bool) -> None:
        claim = self._claim
        if claim is not None and (wait or claim.done()):
            self._claim = None
            found = claim.result()
            self._ready.extend(found)
            if not found:
                self.starved = True
