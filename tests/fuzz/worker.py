"""One atheris process: `python -m tests.fuzz.worker TARGET FLAG...`, where flags are libFuzzer's.

The product is imported here for the first time, so that atheris can instrument it.
"""

from __future__ import annotations

import importlib
import sys

from tests.fuzz.targets import TARGETS


def main() -> None:
    """Fuzz until libFuzzer ends the process: on a fault, or when its time is up."""
    _, name, *flags = sys.argv
    atheris = importlib.import_module("atheris")  # by name: it is no requirement, and has no types
    target = TARGETS[name]
    with atheris.instrument_imports(include=list(target.packages)):
        fuzz = target.load()
    atheris.Setup([sys.argv[0], *flags], fuzz)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
