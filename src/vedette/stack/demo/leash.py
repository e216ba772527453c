"""Started as a script: ties itself to its parent's life, gives up root if asked, then becomes the program.

    python -I -S leash.py PARENT_PID SIGNAL USER PROGRAM ARGUMENT...

When the parent dies, however it dies, the kernel sends SIGNAL to the program. USER ``-`` keeps the user. As a user
that isn't root the program may still read what root may: its files and its own data can lie below a directory that is
root's alone, and nothing needs to be made accessible to everyone for it. Imports nothing of ours, to start quickly.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2

libc = ctypes.CDLL(None, use_errno=True)


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Set(ctypes.Structure):
    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


def become(user: str) -> None:
    """Changes from root to `user`, keeping the right to read (where root has it)."""
    import pwd

    entry = pwd.getpwnam(user)
    libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.environ["HOME"] = "/"
    os.environ["USER"] = os.environ["LOGNAME"] = user
    # Containers often withhold the right to read and search; the stronger one is then the only one there is.
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        if _keep(capability):
            break


def _keep(capability: int) -> bool:
    bit = 1 << capability
    sets = (_Set * 2)(_Set(bit, bit, bit), _Set(0, 0, 0))
    header = _Header(CAPABILITY_VERSION_3, 0)
    if libc.capset(ctypes.byref(header), ctypes.byref(sets)) != 0:
        return False
    return bool(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0)


def main() -> None:
    parent, number, user, program, *arguments = sys.argv[1:]
    if user != "-":
        become(user)
    # After the change of user, which clears it.
    libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != int(parent):  # died in between
        sys.exit(1)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execv(program, [program, *arguments])


if __name__ == "__main__":
    main()
