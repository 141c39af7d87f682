"""Running command lines: results in every form, prompts, unsolicited lines (V.250 5.6, 5.7, TS 27.005 3.1).

`Modem` is built on it. Octets come in through `receive`; what is said is in `terminal.out`, and `on_output`
is called when something is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gsmsend_virtual.atline import Call, parse
from gsmsend_virtual.codes import CME_TEXTS, CMS_TEXTS, AtError, cms
from gsmsend_virtual.hooks import Hooks
from gsmsend_virtual.personality import Personality
from gsmsend_virtual.table import PENDING, Pending, Reply
from gsmsend_virtual.terminal import Entry, Terminal
from gsmsend_virtual.timers import Timer, Timers
from gsmsend_virtual.wire import Wire

BASIC_RESULTS = {
    "OK": "0", "CONNECT": "1", "RING": "2", "NO CARRIER": "3", "ERROR": "4", "NO DIALTONE": "6",
    "BUSY": "7", "NO ANSWER": "8",
}  # fmt: skip
TYPING_GRACE_S = 1.0  # unsolicited lines wait this long at most for a half typed command line


class Dialogue:
    """One AT interpreter. A subclass says what a command does (`answer`) and what to set at power-on."""

    def __init__(self, personality: Personality, timers: Timers) -> None:
        self.personality = personality
        self.timers = timers
        self.powered = False
        self.hooks = Hooks()
        self.on_output: Callable[[], None] = lambda: None
        self.terminal = Terminal(self._on_line, self._repeat)
        self.terminal.on_entry = lambda: self.hooks.divert("entry", None)
        self.wire: Wire | None = None
        self.values: dict[str, list[int | str]] = {}
        self.s: dict[int, int] = {}
        self.verbose, self.quiet = True, False
        self._head = self._tail = ""
        self._ok = b""
        self._last_line = ""
        self._calls: Sequence[Call] = ()
        self._next_call = 0
        self._held: list[str] = []
        self._grace: Timer | None = None
        self._clock: list[Timer] = []

    def answer(self, call: Call) -> Reply:
        """Run one command. Raises AtError."""
        raise NotImplementedError

    def reset_dialogue(self) -> None:
        """Echo, result form and S-registers as at power-on."""
        self.s = {0: 0, 3: 13, 4: 10, 5: 8, 7: 60}
        self.verbose, self.quiet = True, False
        self.terminal.echo = self.personality.echo
        self.terminal.echo_end = self.personality.echo_end
        self.terminal.prompt = self.personality.prompt.encode("latin-1")
        self.use_registers()

    def use_registers(self) -> None:
        """Take S3, S4, S5 and V into use."""
        self.terminal.cr, self.terminal.lf, self.terminal.bs = self.s[3], self.s[4], self.s[5]
        end = chr(self.s[3]) + chr(self.s[4])
        self._head = end if self.verbose else ""
        self._tail = end
        self._ok = (end + "OK" + end).encode("latin-1") if self.verbose else b"0" + bytes((self.s[3],))

    def outgoing(self) -> bytearray:
        """What is to go to the client now; whoever sends it takes it out of the array."""
        if self.wire is None:
            return self.terminal.out
        self.wire.feed(self.terminal.out)
        return self.wire.ready

    def later(self, delay_s: float, call: Callable[[], None]) -> Timer:
        """Do something later, unless power goes."""
        timer = self.timers.after(delay_s, call)
        if len(self._clock) > 64:
            self._clock = [it for it in self._clock if it.pending]
        self._clock.append(timer)
        return timer

    def forget_everything(self) -> None:
        """What losing power does to a dialogue."""
        for timer in self._clock:
            timer.cancel()
        self._clock.clear()
        self._held.clear()
        self._calls = ()
        self._next_call = 0
        self.terminal.power_cycle()
        if self.wire is not None:
            self.wire.ready.clear()

    # -- command lines ----------------------------------------------------------------------------------

    def receive(self, octets: bytes) -> None:
        """Take what the client wrote. Output is in `terminal.out`."""
        if self.powered and not self.hooks.divert("input", octets):
            self.terminal.receive(octets)
        if self.terminal.out:
            self.on_output()

    def _repeat(self) -> None:
        self._run(self._last_line)

    def _on_line(self, line: bytes) -> None:
        at = line.upper().find(b"AT")
        if at < 0:
            self.flush_held()
            return
        self._last_line = line[at + 2 :].decode("latin-1")
        self._run(self._last_line)

    def _run(self, body: str) -> None:
        self._calls = parse(body)
        self._next_call = 0
        self.go_on()

    def go_on(self) -> None:
        """Run the commands left on this line, then give the final result."""
        self.terminal.blocked = True
        calls = self._calls
        while self._next_call < len(calls):
            call = calls[self._next_call]
            self._next_call += 1
            try:
                reply = self.answer(call)
            except AtError as fault:
                self.fail(fault)
                return
            except (ValueError, IndexError, KeyError):
                # Parameters that make no sense, in whatever way: V.250 5.7.1.
                self.fail(AtError())
                return
            if isinstance(reply, Pending):
                return
            if reply:
                self.inform(reply)
        self.succeed()

    def forget_rest(self) -> None:
        """The commands left on this line are not run."""
        self._calls = ()

    def succeed(self) -> None:
        """End the line with OK."""
        if not self.quiet:
            self.terminal.out += self._ok
        self.end_line()

    def complete(self, reply: str | list[str] | None = None) -> None:
        """A pending command is done; the rest of its line follows."""
        if reply:
            self.inform(reply)
        self.go_on()
        self.terminal.process()
        self.on_output()

    def abort(self, fault: AtError) -> None:
        """A pending command failed."""
        self.fail(fault)
        self.terminal.process()
        self.on_output()

    def abort_with(self, code: int) -> None:
        """A pending command failed with +CMS ERROR: code; below zero with ERROR."""
        self.abort(cms(code) if code >= 0 else AtError())

    def fail(self, fault: AtError) -> None:
        """End the line with ERROR, +CME ERROR or +CMS ERROR, as +CMEE has it."""
        self.result(self.error_words(fault))
        self._calls = ()
        self._next_call = 0
        self.end_line()

    def error_words(self, fault: AtError) -> str:
        """How this modem says that something failed."""
        level = self.values["+CMEE"][0]
        silent = fault.kind == "CME" or (fault.kind == "CMS" and self.personality.cms_follows_cmee)
        if level == 0 and silent:
            return "ERROR"
        if fault.kind not in ("CME", "CMS"):
            return fault.kind
        texts = CME_TEXTS if fault.kind == "CME" else CMS_TEXTS
        words = texts.get(fault.code, str(fault.code)) if level == 2 else str(fault.code)
        return f"+{fault.kind} ERROR: {words}"

    def result(self, words: str) -> None:
        """A final or unsolicited result code, in V1 or V0 form; nothing under Q1."""
        if self.quiet:
            return
        if self.verbose:
            self.terminal.out += f"{self._tail}{words}{self._tail}".encode("latin-1", "replace")
        else:
            self.terminal.out += (BASIC_RESULTS.get(words, words) + chr(self.s[3])).encode("latin-1", "replace")

    def inform(self, reply: str | list[str]) -> None:
        """Information text: one line, or several in one go."""
        text = reply if isinstance(reply, str) else self._tail.join(reply)
        self.terminal.out += f"{self._head}{text}{self._tail}".encode("latin-1", "replace")

    def end_line(self) -> None:
        """The command line is worked off: the next may be read, held lines be said."""
        self.terminal.blocked = False
        self.flush_held()

    # -- prompts ----------------------------------------------------------------------------------------

    def ask(self, done: Callable[[bytes], None], *, lines: bool) -> Pending:
        """Prompt for a text or PDU; `done` gets it with the line still pending."""
        timeout: list[Timer] = []

        def entered(octets: bytes) -> None:
            timeout[0].cancel()
            self.terminal.blocked = True
            done(octets)

        def cancelled() -> None:
            timeout[0].cancel()
            self.terminal.blocked = True
            self._calls = ()
            self.result(self.personality.escape_answer)
            self.end_line()

        def expired() -> None:
            self.terminal.forget_entry()
            self.abort(AtError())

        def show() -> None:
            if self.hooks.divert("prompt", show_now):
                return
            show_now()

        def show_now() -> None:
            timeout.append(self.later(self.personality.prompt_timeout_s, expired))
            self.terminal.blocked = False
            self.terminal.open_entry(Entry(entered, cancelled, lines))
            self.on_output()
            self.hooks.divert("prompted", None)

        if self.personality.prompt_delay_s <= 0:
            show()
        else:
            self.later(self.personality.prompt_delay_s, show)
        return PENDING

    # -- unsolicited ------------------------------------------------------------------------------------

    def urc(self, words: str) -> None:
        """Say something unasked: at once, or after the line or entry that is being typed."""
        if not self.powered:
            return
        if self.terminal.typing and not self.terminal.blocked:
            self._held.append(words)
            if self.terminal.entry is None and (self._grace is None or not self._grace.pending):
                self._grace = self.timers.after(TYPING_GRACE_S, self._grace_over)
            return
        self.result(words)
        self.on_output()

    def _grace_over(self) -> None:
        if self.terminal.entry is None:
            self.flush_held()
            self.on_output()

    def flush_held(self) -> None:
        """Say what was held back while the client typed."""
        if self._held:
            held, self._held = self._held, []
            for words in held:
                self.result(words)
