"""The group `gsmsend`: a static table of built-in commands, plug-in commands by entry point, one error edge."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from gsmsend import __version__
from gsmsend.caller import Caller
from gsmsend.cli import edge

PLUGINS = "gsmsend.commands"
"""Entry points of this group load to click commands."""

_SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "The main job": {
        "run": ("gsmsend.cli.run:run", "Send what is queued, collect reports, show it live."),
        "send": ("gsmsend.cli.send:send", "Send one text now and say what became of it."),
    },
    "Step by step": {
        "init": ("gsmsend.cli.init:init", "Make a folder for one operation."),
        "import": ("gsmsend.cli.importing:import_", "Read the people to text from files or a modem."),
        "preview": ("gsmsend.cli.preview:preview_", "What people will see, its cost, its checks."),
        "reword": ("gsmsend.cli.reword:reword", "Another text for what is not sent yet."),
        "approve": ("gsmsend.cli.approve:approve", "Sign a campaign, so that it may be sent."),
        "accept": ("gsmsend.cli.accept:accept", "What sending changes on a phone, and who accepts it."),
        "fallback": ("gsmsend.cli.fallback:fallback", "Another way out when a line is cut, and its trial."),
        "officer": ("gsmsend.cli.officer:officer", "Who may approve, and their keys."),
        "suppress": ("gsmsend.cli.suppress:suppress", "People who must not be texted."),
        "pause": ("gsmsend.cli.pause:pause", "Let no further text of a campaign leave."),
        "resume": ("gsmsend.cli.pause:resume", "Let a campaign go on."),
        "key": ("gsmsend.cli.key:key", "Where the operation's key is kept; move it, back it up."),
        "store": ("gsmsend.cli.store:store", "Where the store is; move it to a server and back."),
        "cancel": ("gsmsend.cli.cancel:cancel", "End a campaign for good."),
        "forget": ("gsmsend.cli.forget:forget", "Make what a campaign knows of people unreadable."),
        "resolve": ("gsmsend.cli.resolve:resolve", "Settle a text that may or may not have gone out."),
    },
    "What is so": {
        "status": ("gsmsend.cli.status:status", "Counts per state, lines and reports."),
        "messages": ("gsmsend.cli.messages:messages", "Every text with its parts and reports."),
        "inbox": ("gsmsend.cli.inbox:inbox", "Replies and other texts that came in."),
        "report": ("gsmsend.cli.report:report", "What came of a campaign, as a page or PDF."),
        "verify": ("gsmsend.cli.verify:verify", "Whether the audit log, or a pack, is as it was written."),
        "export": ("gsmsend.cli.export:export", "The evidence pack, for others to check."),
        "visits": ("gsmsend.cli.visits:visits", "Count how often the campaign's link was opened."),
        "modems": ("gsmsend.cli.modems:modems", "What can send from here; changes nothing on it."),
        "hosts": ("gsmsend.cli.hosts:hosts", "Which hosts work on it, and with which lines."),
        "drivers": ("gsmsend.cli.drivers:drivers", "The kinds of routes that are installed."),
        "serve": ("gsmsend.console.command:serve", "The web console: watch it and act on it from a page."),
        "alert": ("gsmsend.cli.alert:alert", "Who is told when something is wrong, and a test of it."),
        "doctor": ("gsmsend.cli.doctor:doctor", "Check everything and say what to do."),
    },
}
_PLUGIN_HELP = {"bench": "Virtual modems on PTYs for any AT client."}
_BUILT_IN = {name: row for section in _SECTIONS.values() for name, row in section.items()}


def _plugins() -> dict[str, Any]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - 20 ms that built-in commands need not wait

    return {entry.name: entry for entry in entry_points(group=PLUGINS) if entry.name not in _BUILT_IN}


def _all_is_there() -> None:
    """What was imported stays to the end, and is never looked through for garbage (see `start`)."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


class LazyGroup(click.Group):
    """Imports a command only to run it or to show its own help; lists all of them from the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names of all commands."""
        return [*_BUILT_IN, *sorted(_plugins())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported. None if there is none of this name."""
        loaded: object
        if cmd_name in _BUILT_IN:
            module, _, attribute = _BUILT_IN[cmd_name][0].partition(":")
            loaded = getattr(import_module(module), attribute)
        elif (entry := _plugins().get(cmd_name)) is not None:
            loaded = entry.load()
        else:
            return None
        _all_is_there()
        if not isinstance(loaded, click.Command):
            raise click.ClickException(f"{cmd_name} is not a click command: its package must be mended")
        return loaded

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the nearest name in the error."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches  # noqa: PLC0415 - only on a wrong name

            near = get_close_matches(args[0], self.list_commands(ctx), 1, 0.5)
            if near and near[0] not in error.message:
                raise click.UsageError(f"{error.message} Did you mean '{near[0]}'?", ctx) from None
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The sections of the table, without importing a command."""
        plugins = [(name, _plugin_help(name, entry)) for name, entry in sorted(_plugins().items())]
        for title, commands in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, text) for name, (_, text) in commands.items()], col_max=12)
        if plugins:
            with formatter.section("Plug-ins"):
                formatter.write_dl(plugins, col_max=12)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click itself would end a closed pipe with 1, which is kept for bugs."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise edge.ReaderLeft from None
        except KeyboardInterrupt:  # click would begin with an empty line
            raise edge.Interrupted from None

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """As click does it; what the audit log says of a command is asked of click."""
        Caller.command = staticmethod(_words)
        return super().make_context(*args, **extra)

    def main(  # type: ignore[override]  # click overloads on standalone_mode; ours is always its own edge
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run and exit. Every way to fail ends here, in plain words and the exit code of the contract."""
        extra["standalone_mode"] = False
        sys.exit(edge.guarded(lambda: super(LazyGroup, self).main(args, prog_name, **extra)))


def _words() -> str:
    """The words of the command that is running, without the program's name and what follows them."""
    words: list[str] = []
    at = click.get_current_context(silent=True)
    while at is not None and at.parent is not None:
        words.insert(0, at.info_name or "")
        at = at.parent
    return " ".join(words)


def _plugin_help(name: str, entry: Any) -> str:
    if name in _PLUGIN_HELP:
        return _PLUGIN_HELP[name]
    return f"From the package {entry.dist.name}." if entry.dist is not None else ""


_HELP = """Send texts through GSM modems: every one accounted for, none sent twice.

An operation is a folder with its settings, queue and records. Work in it, or name it with --operation DIR.

\b
To see it work with no hardware:  gsmsend run --demo
If anything does not work:        gsmsend doctor
"""


@click.group(
    cls=LazyGroup, help=_HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80}
)
@click.version_option(__version__, prog_name="gsmsend")
def main() -> None:
    """The command `gsmsend`; what it does stands in its help."""
