"""``node_timex_*``: the kernel's clock discipline, from adjtimex(2). Needs no privilege, as nothing is set."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass

from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host
from vedette.exporters.page import Family, Page

NANO = 0x2000  # STA_NANO: offset and jitter are in nanoseconds, not microseconds
NOT_SYNCHRONISED = 5  # TIME_ERROR
PPM16 = 65536.0 * 1_000_000.0  # frequencies are parts per million with 16 fractional bits


class Timex(ctypes.Structure):
    """struct timex of <sys/timex.h>."""

    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("seconds", ctypes.c_long),
        ("microseconds", ctypes.c_long),
        ("tick", ctypes.c_long),
        ("ppsfreq", ctypes.c_long),
        ("jitter", ctypes.c_long),
        ("shift", ctypes.c_int),
        ("stabil", ctypes.c_long),
        ("jitcnt", ctypes.c_long),
        ("calcnt", ctypes.c_long),
        ("errcnt", ctypes.c_long),
        ("stbcnt", ctypes.c_long),
        ("tai", ctypes.c_int),
        ("reserved", ctypes.c_int * 11),
    ]


def _family(name: str, help: str, kind: str = "gauge") -> Family:
    return Family(f"node_timex_{name}", kind, help)


OFFSET = _family("offset_seconds", "Time offset in between local system and reference clock.")
FREQUENCY = _family("frequency_adjustment_ratio", "Local clock frequency adjustment.")
MAX_ERROR = _family("maxerror_seconds", "Maximum error in seconds.")
ESTIMATED_ERROR = _family("estimated_error_seconds", "Estimated error in seconds.")
STATUS = _family("status", "Value of the status array bits.")
CONSTANT = _family("loop_time_constant", "Phase-locked loop time constant.")
TICK = _family("tick_seconds", "Seconds between clock ticks.")
PPS_FREQUENCY = _family("pps_frequency_hertz", "Pulse per second frequency.")
PPS_JITTER = _family("pps_jitter_seconds", "Pulse per second jitter.")
PPS_SHIFT = _family("pps_shift_seconds", "Pulse per second interval duration.")
PPS_STABILITY = _family(
    "pps_stability_hertz", "Pulse per second stability, average of recent frequency changes."
)
PPS_JITTER_COUNT = _family(
    "pps_jitter_total", "Pulse per second count of jitter limit exceeded events.", "counter"
)
PPS_CALIBRATIONS = _family(
    "pps_calibration_total", "Pulse per second count of calibration intervals.", "counter"
)
PPS_ERRORS = _family("pps_error_total", "Pulse per second count of calibration errors.", "counter")
PPS_STABILITY_COUNT = _family(
    "pps_stability_exceeded_total", "Pulse per second count of stability limit exceeded events.", "counter"
)
TAI = _family("tai_offset_seconds", "International Atomic Time (TAI) offset.")
SYNC = _family("sync_status", "Is clock synchronized to a reliable server (1 = yes, 0 = no).")


@dataclass(frozen=True)
class Clock:
    """Seconds, hertz and counts, by metric."""

    values: dict[Family, float]


def collector(host: Host) -> Collect:
    return lambda page: describe(page, parse(*read()))


def read() -> tuple[int, Timex]:
    """(state of the clock, struct timex). `OSError` where the call is forbidden."""
    timex = Timex()
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    if state < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return state, timex


def parse(state: int, raw: Timex) -> Clock:
    fine = 1e9 if raw.status & NANO else 1e6
    return Clock(
        {
            SYNC: int(state != NOT_SYNCHRONISED),
            OFFSET: raw.offset / fine,
            FREQUENCY: 1 + raw.freq / PPM16,
            MAX_ERROR: raw.maxerror / 1e6,
            ESTIMATED_ERROR: raw.esterror / 1e6,
            STATUS: raw.status,
            CONSTANT: raw.constant,
            TICK: raw.tick / 1e6,
            PPS_FREQUENCY: raw.ppsfreq / PPM16,
            PPS_JITTER: raw.jitter / fine,
            PPS_SHIFT: raw.shift,
            PPS_STABILITY: raw.stabil / PPM16,
            PPS_JITTER_COUNT: raw.jitcnt,
            PPS_CALIBRATIONS: raw.calcnt,
            PPS_ERRORS: raw.errcnt,
            PPS_STABILITY_COUNT: raw.stbcnt,
            TAI: raw.tai,
        }
    )


def describe(page: Page, clock: Clock) -> None:
    for family, value in clock.values.items():
        page.add(family, value)
