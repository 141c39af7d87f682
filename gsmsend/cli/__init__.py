"""The command line: parse, call, print. `main` is the click group; each command is imported when it is used."""

from gsmsend.cli.group import main

__all__ = ["main"]
