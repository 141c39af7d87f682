"""`python -m tests.packaging.confined CALLS FAMILIES MDWE ARGS`: Python with ARGS under what a unit file allows.

By libseccomp, as systemd does it. What a login without rights cannot set (mounts, devices, users) is left out.
"""

from __future__ import annotations

import ctypes
import os
import resource
import socket
import sys

_ERRNO, _ALLOW = 0x0005_0000, 0x7FFF_0000  # <seccomp.h>
_EQUAL, _MASKED = 4, 7
_EPERM = 1
_NO_NEW_PRIVS = 38  # <linux/prctl.h>
_WRITE, _EXECUTE = 2, 4  # <sys/mman.h>
_PROT = 2  # the argument that says what may be done with the pages
_EXEC = ("execve",)
"""What starts the program, once all is set."""


class _Comparison(ctypes.Structure):
    _fields_ = (
        ("arg", ctypes.c_uint), ("op", ctypes.c_int), ("datum_a", ctypes.c_uint64), ("datum_b", ctypes.c_uint64)
    )  # fmt: skip


class Filter:
    """One seccomp filter. Raises OSError."""

    def __init__(self, otherwise: int) -> None:
        self._library = ctypes.CDLL("libseccomp.so.2")
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._library.seccomp_init(otherwise))

    def add(self, action: int, name: str, *tests: _Comparison) -> None:
        """A rule for one call; one that this machine does not have is passed over."""
        number = self._library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return
        given = (_Comparison * len(tests))(*tests)
        _done(self._library.seccomp_rule_add_array(self._context, action, number, len(tests), given), name)

    def load(self) -> None:
        """From now on, for this process and those that it starts."""
        _done(self._library.seccomp_load(self._context), "load")


def confine(calls: list[str], families: list[str], *, write_execute: bool) -> None:
    """Nothing but these system calls, sockets of these families, and pages that are writable or executable."""
    libc = ctypes.CDLL(None, use_errno=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "NoNewPrivileges")
    if not write_execute:  # as systemd does it: seccomp_memory_deny_write_execute()
        pages, both = Filter(_ALLOW), _WRITE | _EXECUTE
        pages.add(_ERRNO | _EPERM, "mmap", _Comparison(_PROT, _MASKED, both, both))
        for name in ("mprotect", "pkey_mprotect"):
            pages.add(_ERRNO | _EPERM, name, _Comparison(_PROT, _MASKED, _EXECUTE, _EXECUTE))
        pages.load()
    passed = Filter(_ERRNO | _EPERM)
    for name in (*calls, *_EXEC):
        if name != "socket":
            passed.add(_ALLOW, name)
    for family in families:
        passed.add(_ALLOW, "socket", _Comparison(0, _EQUAL, int(getattr(socket, family)), 0))
    passed.load()


def _done(code: int, what: str) -> None:
    if code:
        raise OSError(-code, f"seccomp: {what}")


if __name__ == "__main__":
    confine(sys.argv[1].split(","), sys.argv[2].split(","), write_execute=sys.argv[3] != "yes")
    os.execv(sys.executable, [sys.executable, *sys.argv[4:]])  # noqa: S606 # nosec B606 - words of the test
