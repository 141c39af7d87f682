"""The command line: parse, call, print. `main` is the program; its click group is `gsmsend.cli.group.main`."""

from gsmsend.cli.start import main

__all__ = ["main"]
