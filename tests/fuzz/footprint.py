"""How many octets of memory an object holds on to, by way of its attributes, slots and members."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import Enum
from types import FunctionType, MethodType, ModuleType

_NOT_ITS_OWN = (type, Enum, FunctionType, MethodType, ModuleType)


def footprint(root: object, shared: Iterable[object] = ()) -> int:
    """The sum over all that can be reached from `root`, each object once, without what is `shared`."""
    seen = {id(each) for each in shared}
    total, waiting = 0, [root]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, _NOT_ITS_OWN):
            continue
        seen.add(id(each))
        total += sys.getsizeof(each)
        if isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple | set | frozenset):
            waiting += each
        else:
            waiting += list(vars(each).values()) if hasattr(each, "__dict__") else []
            slots = [name for kind in type(each).__mro__ for name in getattr(kind, "__slots__", ())]
            waiting += [getattr(each, name) for name in slots if hasattr(each, name)]
    return total
