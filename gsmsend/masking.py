"""What may be shown of a recipient's number in logs, errors and screens."""

from __future__ import annotations

SEALED = "(sealed)"
"""What stands for a number or words that were not opened, as that may need a passphrase."""
FORGOTTEN = "(forgotten)"
"""What stands for a number or words of which the key was destroyed."""


FORGOTTEN = "(forgotten)"
"""What stands for a number or words that were forgotten: there is nothing in it to mask."""


def mask_number(number: str) -> str:
    """Mask a number as the design has it: `+447700900123` becomes `+447*****0123`.

    Keeps the first four and last four characters of ten or more; of fewer, only the last two. A number
    that was forgotten, or not opened, is shown as that.
    """
    if number in (FORGOTTEN, SEALED):
        return number
    if len(number) >= 10:
        return number[:4] + "*" * (len(number) - 8) + number[-4:]
    return "*" * max(len(number) - 2, 0) + number[-2:]
