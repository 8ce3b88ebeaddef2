"""What else the machine does while a benchmark runs: figures without it say little."""

import os
import time
from pathlib import Path
from typing import Any


class Machine:
    """Processor time of the whole machine from here on, and how much of it was not ours."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._load = os.getloadavg()[0]
        self._busy, self._stolen = _busy_and_stolen()
        self._own = _own()

    def summary(self) -> dict[str, Any]:
        """The machine since the start; ask when the processes that were started have ended."""
        seconds = time.perf_counter() - self._began
        busy, stolen = _busy_and_stolen()
        others = max(0.0, busy - self._busy - (_own() - self._own))
        return {
            "cores": os.cpu_count(),
            "seconds": round(seconds),
            "load_average": [round(self._load, 2), round(os.getloadavg()[0], 2)],
            "cores_used_by_others": round(others / seconds, 2),
            "cores_stolen": round((stolen - self._stolen) / seconds, 2),
        }


def _busy_and_stolen() -> tuple[float, float]:
    user, nice, system, _, _, irq, softirq, stolen = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    ticks = os.sysconf("SC_CLK_TCK")
    return (user + nice + system + irq + softirq) / ticks, stolen / ticks


def _own() -> float:
    """Processor time of this process and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def in_words(summary: dict[str, Any]) -> str:
    """One line for people."""
    before, after = summary["load_average"]
    return (
        f"{summary['seconds']} s on {summary['cores']} cores; load average {before} at the start, "
        f"{after} at the end; other processes used {summary['cores_used_by_others']} cores, "
        f"{summary['cores_stolen']} were stolen by the host"
    )
