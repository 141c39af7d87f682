"""What a link can be asked between texts: each question waits for its turn, and changes nothing that is stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from gsmsend.contract import StorageState
from gsmsend_atmodem import stock, survey
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.modem import Modem


class Questions:
    """The part of `AtLink` that asks. `_unmarked`: the modem may have restarted, or its SIM been changed."""

    _dialogue: Dialogue
    _modem: Modem
    _exhibit: bool
    _unmarked: bool

    def _remembering_faults(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    def _settle(self) -> None:
        raise NotImplementedError

    def _boundary(self) -> None:
        raise NotImplementedError

    @contextmanager
    def _asking(self) -> Iterator[None]:
        with self._remembering_faults():
            self._settle()
            self._boundary()
            yield

    def counter(self) -> int | None:
        """The SIM's own record of the last TP-MR, by AT+CRSM. Raises LinkLost, GuardStop."""
        with self._asking():
            return survey.read_count(self._dialogue, self._modem.profile)

    def mark(self) -> int | None:
        """What the modem was given to keep until it restarts. Raises LinkLost, GuardStop."""
        with self._asking():
            return None if self._unmarked else survey.read_mark(self._dialogue, self._modem.profile)

    def set_mark(self, mark: int) -> bool:
        """Have the modem keep it until it restarts; whether it does. Raises LinkLost, GuardStop."""
        with self._asking():
            self._unmarked = not survey.write_mark(self._dialogue, self._modem.profile, mark)
            return not self._unmarked

    def storage(self, within_s: float) -> StorageState:
        """What SIM and modem hold; of an exhibit all memories, else those in use. Raises LinkLost, GuardStop.

        With a text unanswered nothing is asked: its answer comes first.
        """
        modem = self._modem
        if self._dialogue.session.unanswered:
            return StorageState(found=modem.found, not_read=("not asked: the answer to a text is still awaited",))
        with self._asking():
            state, intact = stock.count(self._dialogue, modem.profile, modem.found, within_s, select=self._exhibit)
            if not intact:
                modem.restarted = modem.restarted or "it did not take its memories back as they were selected"
            return state
