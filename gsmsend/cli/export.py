"""`gsmsend export`."""

from __future__ import annotations

import shlex
import time
from pathlib import Path

import click

from gsmsend import wiring
from gsmsend.cli import options, unlocking
from gsmsend.cli.operation import opened, person, record_unmasking
from gsmsend.errors import UsageError


@click.command()
@options.operation
@click.option("--campaign", metavar="NAME", help="One campaign of the operation.  [default: all]")
@click.option(
    "--variant", type=click.Choice(("full", "redacted", "disclosure")), default="full", show_default=True,
    help="full: all of it. redacted: for a partner, nobody's number, name or reply. disclosure: people by "
    "reference, numbers masked.",
)  # fmt: skip
@click.option(
    "--to", "place", metavar="PATH", type=click.Path(path_type=Path),
    help="A new folder, or a file that ends in .zip.  [default: a folder in exports/]",
)  # fmt: skip
@click.option("--unmask", is_flag=True, help="Numbers in full in a disclosure; that is recorded.")
@click.option("--without-pdf", is_flag=True, help="Leave the summary as PDF out.")
@unlocking.unlocks
@options.as_json
def export(
    folder: Path,
    campaign: str | None,
    variant: str,
    place: Path | None,
    *,
    unmask: bool,
    without_pdf: bool,
    as_json: bool,
) -> None:
    """The evidence pack: all that is on record, for others to check.

    Lists, texts, PDUs, reports, approvals, devices, what was done to them, the audit log, and verify.py, a program
    of one file with which anybody checks the pack. The same operation gives the same pack, octet for octet.
    """
    from gsmsend.evidence.exporting import Wanted  # noqa: PLC0415 - only here
    from gsmsend.evidence.exporting import export as make  # noqa: PLC0415
    from gsmsend.evidence.terms import Variant  # noqa: PLC0415

    kind = Variant(variant)
    if unmask and kind is not Variant.DISCLOSURE:
        raise UsageError(
            f"--unmask was given for a {variant} pack",
            remedy="A full pack has numbers in full anyway; a redacted one never has any.",
        )
    with opened(folder) as (settings, store):
        if unmask or kind is Variant.FULL:
            record_unmasking(store, f"export {variant}")
        wanted = Wanted(campaign, kind, person(), unmask, pdf=not without_pdf)
        made = make(store, settings, wanted, place, time.time, wiring.head_kept(settings, store))
    for words in made.problems:
        options.say(words)
    if as_json:
        options.emit(
            {
                "pack": str(made.place), "variant": variant, "entries": made.entries, "head": made.head,
                "digest": made.digest, "recipients": made.recipients, "files": made.files,
            }
        )  # fmt: skip
        return
    options.tell(f"Wrote {made.place}")
    texts = f"{made.recipients:,} text{'' if made.recipients == 1 else 's'}"
    options.tell(f"  {made.files} files about {texts}; the audit log up to entry {made.entries:,}")
    options.tell(f"  head of the log:  {made.head}")
    options.tell(f"  manifest SHA-256: {made.digest}")
    options.tell("Write the head into a notebook: it proves later that nothing was changed up to there.")
    options.tell(f"To check the pack: gsmsend verify {shlex.quote(str(made.place))}")
    options.tell(
        "Others check it without gsmsend: python3 verify.py, in the pack. Its README.txt says what is in it."
    )
    if kind is Variant.FULL:
        options.say("Numbers, names and texts of people are in it: keep it as you keep the exhibit.")
