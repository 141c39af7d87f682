"""A call whose declared error is as good an answer as any; every other exception is a fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E", bound=Exception)


def attempt(declared: type[E], call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T | E:
    """What the call returns, or the declared error that it raised."""
    try:
        return call(*arguments, **options)
    except declared as error:
        return error
