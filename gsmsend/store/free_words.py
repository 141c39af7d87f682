"""Words that a person typed, or the name of a file: they can name people, so they are kept sealed.

They stand in columns that also hold words of gsmsend's own, which stay in clear. What is sealed is told by a sign
that no clear words begin with: they are stripped of blanks before they are kept, and it is one.
"""

from __future__ import annotations

import base64
import binascii

import sqlalchemy as sa

from gsmsend.errors import StoreError
from gsmsend.store.vault import Vault

_SIGN = "\x1f"
SOURCE = "imports.source"
REASON = "decisions.reason"
LISTED = "suppressions.reason"


def kept(vault: Vault, campaign_id: int, label: str, words: str) -> str:
    """Words as their column has them, sealed under the key of this campaign (a root one). Raises KeyStop."""
    if not words:
        return ""
    sealed = base64.b64encode(vault.seal(campaign_id, label, words)).decode("ascii")
    return f"{_SIGN}{campaign_id} {sealed}"


def opened(vault: Vault, label: str, column: str) -> str:
    """What the column of that label says. Raises KeyStop, and StoreError if it was changed."""
    if not column.startswith(_SIGN):
        return column
    try:
        whose, sealed = column[1:].split(" ")
        return vault.open(int(whose), label, base64.b64decode(sealed, validate=True))
    except (ValueError, binascii.Error):
        raise StoreError(
            f"a value in the store ({label}) is not as gsmsend wrote it",
            remedy="Do not send from this operation. Check it with 'gsmsend verify', and keep a copy of it.",
        ) from None


def source_of(vault: Vault, digest: str, column: str) -> str:
    """The name of a list, from `imports.digest` and `imports.source`."""
    return opened(vault, source_label(digest), column)


def reason_of(vault: Vault, person: str, what: str, column: str) -> str:
    """Why a person decided something, from `decisions`."""
    return opened(vault, reason_label(person, what), column)


def under(column: sa.Column[str], campaign_id: int) -> sa.ColumnElement[bool]:
    """Which rows have words in this column that are sealed under the key of this campaign."""
    return column.startswith(f"{_SIGN}{campaign_id} ", autoescape=True)


def source_label(digest: str) -> str:
    """Of the name of a list: bound to the (keyed) hash of what was in it."""
    return f"{SOURCE} {digest}"


def reason_label(person: str, what: str) -> str:
    """Of a decision: bound to who decided what."""
    return f"{REASON} {person} {what}"
