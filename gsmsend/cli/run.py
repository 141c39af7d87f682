"""`gsmsend run`: the main job."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import click

from gsmsend import wiring
from gsmsend.cli import edge, fall_view, jsonlines, options, timekeeping, unlocking
from gsmsend.cli.alert import told_if_it_ends
from gsmsend.cli.feed import Feed
from gsmsend.cli.importing import as_object, bring_in, describe, others
from gsmsend.cli.monitored import log_of, monitored, said_in_journal
from gsmsend.cli.operation import looked_at, sent_in_part, settings_of
from gsmsend.cli.patience import Patience
from gsmsend.cli.plain import PlainLines
from gsmsend.cli.progress import Progress, head_words
from gsmsend.cli.stopping import stops_on_signals
from gsmsend.cli.summary import for_a_reader, summary
from gsmsend.cli.tended import Tended
from gsmsend.cli.text import option_text, text_options
from gsmsend.config import LogTo, Settings
from gsmsend.contract import Driver, Endpoint, Store
from gsmsend.engine.events import Finished
from gsmsend.errors import GsmsendError, GuardStop, NoRoute, UsageError
from gsmsend.heaps import share_heaps
from gsmsend.model import State
from gsmsend.supervised import Supervisor

_GATHER_S = 0.15  # about six pictures a second
_UNFINISHED = (State.QUEUED, State.SENDING, State.SENT)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line of `run` asked for."""

    folder: Path
    ports: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    text: str | None = None
    wait_reports_s: float | None = None
    stay: bool = False
    as_json: bool = False
    again: bool = False
    log: LogTo | None = None


@click.command()
@options.operation
@unlocking.unlocks
@click.option("--demo", is_flag=True, help="Try it with no hardware: 40 texts over two virtual modems.")
@click.option("--port", "ports", metavar="PATH", multiple=True, help="A modem's port; again for each (lab only).")
@click.option(
    "--to", "files", metavar="FILE.csv", multiple=True, type=click.Path(path_type=Path), help="Import this first."
)
@text_options
@options.again
@click.option(
    "--wait-reports",
    "wait_reports_s",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="How long to wait for reports after the last text.  [default: 120, or the config's]",
)
@click.option("--stay", is_flag=True, help="Keep running when all is sent, as a service.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line on stdout.")
@click.option(
    "--log", type=click.Choice([one.value for one in LogTo]), help="Keep a log there.  [default: the config's]"
)
def run(
    folder: Path,
    ports: tuple[str, ...],
    files: tuple[Path, ...],
    text: str | None,
    text_file: Path | None,
    wait_reports_s: float | None,
    *,
    again: bool,
    demo: bool,
    stay: bool,
    as_json: bool,
    log: str | None,
) -> int:
    """Send what is queued, collect delivery reports, show it live.

    Ends when nothing is left to do. Running it again carries on; it never starts over. Ctrl-C finishes the
    texts being sent and stops, with exit code 130; the queue keeps the rest. Pressed again it changes nothing:
    to break off could leave a text in doubt. SIGTERM does the same.
    """
    words = option_text(text, text_file)
    if words is not None and not files and not demo:
        raise UsageError(
            "a text was given, but nobody to send it to", remedy="Name the recipients: --to people.csv"
        )
    if demo:
        if ports or files or words is not None or stay or log is not None:
            raise UsageError(
                "--demo brings its own modems, recipients and texts; expected no other option with it"
            )
        from gsmsend.cli.demo import run_demo  # noqa: PLC0415 - only the demo starts another process

        return run_demo(folder, as_json=as_json, wait_reports_s=wait_reports_s)
    to = LogTo(log) if log is not None else None
    return carry_out(Wish(folder, ports, files, words, wait_reports_s, stay, as_json, again, to))


def carry_out(wish: Wish) -> int:
    """Import, run, show, sum up; the exit code. Raises GsmsendError.

    With --json the last object is `finished`, however the run ends.
    """
    share_heaps()
    try:
        return _carry_out(wish)
    except KeyboardInterrupt:
        if wish.as_json:
            _last_object(wish.folder, edge.EXIT_INTERRUPTED, "interrupted; the queue is intact")
        raise
    except Exception as error:
        if wish.as_json:
            known = error if isinstance(error, GsmsendError) else edge.no_room(error)
            code = known.exit_code if known is not None else edge.EXIT_FAULT
            _last_object(wish.folder, code, str(known) if known is not None else "an unexpected fault")
        raise


def _last_object(folder: Path, code: int, why: str) -> None:
    """`finished`, with what the store says now: another run may be at work on it."""
    totals = None
    with suppress(GsmsendError, OSError), looked_at(folder, older_told=True) as (_, store):
        totals = store.totals()
    with suppress(OSError, ValueError):
        options.emit(jsonlines.finished(time.time(), totals, code, why))


def _carry_out(wish: Wish) -> int:
    settings = settings_of(wish.folder)
    if len(wish.ports) > 1 and not settings.lab:
        raise UsageError(
            "--port was given more than once; that is for lab operations only",
            remedy=f"List the ports in {settings.folder / 'gsmsend.toml'} under [modems], ports = [...]",
        )
    with ExitStack() as stack:
        stack.enter_context(wiring.operation_lock(settings))
        stack.enter_context(told_if_it_ends(settings, stay=wish.stay))
        store = wiring.open_store(settings)
        stack.callback(store.close)
        timekeeping.mind(store)
        routes, problem = _routes(settings, wish.ports)
        wiring.check_authority(settings, routes)
        drama = (problem is None or wish.stay) and wiring.drama_allowed(routes)
        usable = [_import(settings, store, file, wish, drama_allowed=drama) for file in wish.files]
        counts = store.totals()
        if usable and not any(usable) and not wish.stay and not any(counts[state] for state in _UNFINISHED):
            raise UsageError(
                f"no row of {' or '.join(file.name for file in wish.files)} can be texted",
                remedy="Each row was refused for the reason given above; correct the list and try again.",
            )
        for words in fall_view.unmatched(settings, store):
            options.say(words)
        _clear(settings, store)
        counts = store.totals()
        if problem is not None and wish.stay:
            options.say(f"{problem}: waiting for one to be plugged in.")
        elif problem is not None and any(counts[state] for state in _UNFINISHED):
            raise problem
        plugs = wiring.Sockets(settings, wish.ports)
        finished, (began_s, before) = execute(settings, store, routes, wish, plugs=plugs)
        in_part = sent_in_part(store) if finished.totals[State.FAILED] else 0
        dangers = store.unseen_dangers()
        head = store.last_head() if not settings.lab else None
    if not wish.as_json:
        with suppress(OSError, ValueError):  # the terminal is gone; what became of the work still counts
            took_s, suffix = finished.at_s - began_s, options.where(wish.folder)
            ports = "".join(f" --port {shlex.quote(port)}" for port in wish.ports)
            for line in summary(finished, before, took_s, suffix, ports, in_part=in_part):
                options.tell(line)
            for line in for_a_reader(dangers, suffix):
                options.tell(line)
            if head is not None:
                options.tell(head_words(head.short))
    return finished.exit_code


def _clear(settings: Settings, store: Store) -> None:
    """Raise GuardStop if texts wait for approvals and there is nothing else to do, such as to collect reports."""
    try:
        wiring.clear_to_send(settings, store, time.time())
    except GuardStop:
        counts = store.totals()
        if not any(counts[state] for state in (*_UNFINISHED, State.UNCERTAIN)):
            raise


def _routes(settings: Settings, ports: Sequence[str]) -> tuple[list[tuple[Driver, Endpoint]], NoRoute | None]:
    """Where to send from; that there is nothing matters only once there is something to send.

    Fallbacks are no place to send from by themselves, but texts may wait for them.
    """
    wiring.check_accounts(settings)
    others = list(wiring.fallback_routes(settings))
    try:
        found = wiring.endpoints(settings, ports)
    except NoRoute as problem:
        return others, None if others else problem
    known = {endpoint.address for _, endpoint in found}
    return found + [one for one in others if one[1].address not in known], None


def _import(settings: Settings, store: Store, file: Path, wish: Wish, *, drama_allowed: bool) -> bool:
    """Import a file and say what came of it; whether any of its rows can be texted, now or from before."""
    imported = bring_in(settings, store, file, text=wish.text, drama_allowed=drama_allowed, again=wish.again)
    with suppress(OSError, ValueError):  # nobody can read it: no reason not to send
        if wish.as_json:
            options.emit({"event": "imported", "at": options.iso(time.time()), **as_object(imported)})
        elif not imported.result.repeated:
            for line in describe(imported):
                options.tell(line)
    result = imported.result
    if result.other_text:
        raise GuardStop(
            f"{file.name}: {others(result.other_text)} Nothing was sent",
            remedy="To send them this text as well: the same command with --again.\n"
            f"To send what is queued without it: gsmsend run{options.where(wish.folder)}",
        )
    return bool(result.accepted or result.duplicates or not result.refused)


def execute(
    settings: Settings,
    store: Store,
    routes: list[tuple[Driver, Endpoint]],
    wish: Wish,
    *,
    quiet: bool = False,
    plugs: wiring.Sockets | None = None,
) -> tuple[Finished, tuple[float, dict[State, int]]]:
    """Run with the view that fits where stdout goes; how it ended, and when and with what it began."""
    progress, supervisor = Progress(), Supervisor.of()
    tended, log = Tended(supervisor), None if quiet else log_of(settings, wish.log)
    if quiet:
        feed = Feed(Patience(lambda notice: options.say(notice.text), stay=wish.stay), tended)
    else:
        patience = Patience(lambda notice: monitor.publish(notice), stay=wish.stay)  # noqa: PLW0108 - none yet
        if wish.as_json:
            feed = Feed(jsonlines.JsonLines(sys.stdout), patience, tended, gather_s=0.02)
        elif sys.stdout.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
            from gsmsend.cli.screen import LiveScreen  # noqa: PLC0415 - rich costs a tenth of a second

            feed = Feed(LiveScreen(settings.name, progress), patience, tended, gather_s=_GATHER_S)
        else:
            plain = () if said_in_journal(log) else (PlainLines(click.echo, progress),)
            feed = Feed(*plain, patience, tended, gather_s=_GATHER_S)
    wait_s = settings.wait_reports_s if wish.wait_reports_s is None else wish.wait_reports_s
    try:
        with monitored(settings, store, feed.publish, log) as monitor:
            job = wiring.make_run(
                settings,
                store,
                routes,
                publish=monitor.publish,
                wait_reports_s=wait_s,
                stay=wish.stay,
                plugs=plugs,
            )
            monitor.attend(job)

            def stop() -> None:
                supervisor.stopping()
                job.stop()

            with supervisor.minding(job.standing_still), stops_on_signals(stop, monitor.publish):
                finished = job.execute()
    finally:
        feed.close()
    began_s = progress.began_s if progress.began_s is not None else finished.at_s
    return finished, (began_s, progress.first_totals)
