"""`gsmsend import`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from gsmsend import wiring
from gsmsend.campaign.filters import Filters
from gsmsend.campaign.sources.row import RowKind, Source
from gsmsend.cli import intake, options, unlocking
from gsmsend.cli.imported import as_object, describe, others
from gsmsend.cli.intake import bring_in
from gsmsend.cli.operation import opened
from gsmsend.cli.options import say
from gsmsend.cli.text import option_text, text_options
from gsmsend.config import Settings
from gsmsend.errors import GuardStop, UsageError

__all__ = ["as_object", "bring_in", "describe", "import_", "others"]

_ANY_PORT = "?"
_HELP = """Read the people to text from files, or from the SIM and handset in a modem.

\b
Lists     CSV, TSV (any usual encoding) and Excel .xlsx, with a column
          `number` and, if texts differ, a column `text`
Contacts  vCard 2.1 to 4.0
Phones    UFED XML reports and UFDR packages: contacts, calls, messages

Rows that cannot be used are listed with the reason and kept in a CSV file; the rest is taken. A file that was
imported before changes nothing. Nobody gets two texts: who is on two phones or in an earlier campaign is texted
once, and rows for people who have another text in this campaign are refused, unless --again is given or it is a
lab operation.
"""
_F = TypeVar("_F", bound=Callable[..., Any])

_FILTERS = (
    click.option(
        "--seen-at-least", metavar="N", type=click.IntRange(min=1), default=1,
        help="Only numbers that stand N times or more in all files together.",
    ),
    click.option(
        "--since", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]),
        help="Only calls, messages and dated rows of this day (2026-01-31) or later.",
    ),
    click.option(
        "--until", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]), help="Only those of this day or before."
    ),
    click.option("--mobile-only", is_flag=True, help="Leave out what is not known to be a mobile number."),
    click.option(
        "--region", "regions", metavar="CODE", multiple=True,
        help="Only numbers of this country, such as GB; again for more.",
    ),
    click.option(
        "--kind", "kinds", multiple=True, metavar="KIND", type=click.Choice([kind.value for kind in RowKind]),
        help="Only rows of this kind (list, contact, call, message, phonebook); again for more.",
    ),
    click.option("--sheet", metavar="NAME", help="Only this sheet of a workbook, or section of a report."),
    click.option("--column", metavar="NAME", help="The column of the numbers: its header, letter or number."),
)  # fmt: skip


def _filters(command: _F) -> _F:
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@click.command("import", help=_HELP)
@click.argument("files", nargs=-1, metavar="FILE...", type=click.Path(path_type=Path))
@text_options
@options.campaign
@click.option("--line", metavar="NAME", default="", help="The [line.NAME] of gsmsend.toml that they know.")
@click.option(
    "--from-modem", "modem", metavar="[PORT]", is_flag=False, flag_value=_ANY_PORT,
    help="Read phonebook and messages of the SIM and handset in a modem; nothing on them changes.",
)  # fmt: skip
@_filters
@options.again
@options.operation
@unlocking.unlocks
@options.as_json
def import_(
    files: tuple[Path, ...],
    text: str | None,
    text_file: Path | None,
    campaign: str,
    line: str,
    modem: str | None,
    folder: Path,
    *,
    again: bool,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Read the people to text. Raises UsageError, GuardStop, StoreError; what it does stands in its help."""
    if modem is not None and modem != _ANY_PORT and Path(modem).is_file():
        files, modem = (Path(modem), *files), _ANY_PORT  # --from-modem takes the next word if it is no option
    if not files and modem is None:
        raise UsageError("no file was named", remedy="gsmsend import FILE..., or gsmsend import --from-modem")
    wish = intake.Wish(
        option_text(text, text_file), again=again, campaign=campaign, line=line, sheet=chosen["sheet"],
        column=chosen["column"], filters=_asked(chosen),
    )  # fmt: skip
    fruitless, turned_away = False, 0
    with opened(folder) as (settings, store):
        wish = _with_drama(settings, wish)
        intake.check(settings, store, wish)
        sources = intake.opened(settings, files, wish) + _modem(settings, wish, modem)
        counts = intake.seen(settings, sources, wish)
        for source in sources:
            imported = intake.take_in(settings, store, source, wish, counts)
            fruitless = fruitless or imported.fruitless
            turned_away += imported.result.other_text
            if as_json:
                options.emit(as_object(imported))
            else:
                for words in describe(imported):
                    options.tell(words)
    if fruitless and turned_away:
        raise GuardStop(
            f"no row of a file was queued: {others(turned_away)}",
            remedy="Nobody gets two texts unless you say so: the same command with --again.",
        )
    if fruitless:
        raise UsageError("no row of a file was accepted", remedy="Correct the rows listed above and import again.")
    if not as_json:
        verb = "preview" if settings.approval.required else "run"
        named = options.of(campaign) if verb == "preview" else ""
        say(f"Next: gsmsend {verb}{options.where(folder)}{named}")


def _asked(chosen: dict[str, Any]) -> Filters:
    """The filters. Raises UsageError for a stretch of days that ends before it begins."""

    def day(value: datetime | None) -> Any:
        return value.date() if value is not None else None

    since, until = day(chosen["since"]), day(chosen["until"])
    if since is not None and until is not None and until < since:
        raise UsageError(f"--until {until} is before --since {since}: no row can be of both")
    return Filters(
        chosen["seen_at_least"], since, until, chosen["mobile_only"],
        frozenset(region.upper() for region in chosen["regions"]),
        frozenset(RowKind(kind) for kind in chosen["kinds"]),
    )  # fmt: skip


def _with_drama(settings: Settings, wish: intake.Wish) -> intake.Wish:
    routes = wiring.endpoints(settings) if settings.ports else None
    return replace(wish, drama_allowed=wiring.drama_allowed(routes))


def _modem(settings: Settings, wish: intake.Wish, modem: str | None) -> list[Source]:
    if modem is None:
        return []
    from gsmsend.cli.from_modem import read  # noqa: PLC0415 - opens a port, which files need not wait for

    return [read(settings, wish, None if modem == _ANY_PORT else modem)]
