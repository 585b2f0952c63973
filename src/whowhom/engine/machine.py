"""What this machine and its processes have: cores, memory, and what a process takes of it."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

WORKER_MEGABYTES = 1_500
"""Memory to count on for a worker: the loaded coder and an article; the longest take more."""
MEGABYTE = 1 << 20


@contextlib.contextmanager
def loading(*, for_good: bool = False) -> Iterator[None]:
    """While hundreds of thousands of objects are made that live on: no collecting between them,
    which takes half the time. ``for_good``: they are never looked through again; only for a process
    that holds nothing else."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if for_good:
            gc.freeze()
        if collecting:
            gc.enable()


def auto_workers() -> int:
    """As many workers as there are cores for this process, and memory for."""
    cores = usable_cores()
    free = free_megabytes()
    return cores if free is None else max(1, min(cores, free // WORKER_MEGABYTES))


def usable_cores() -> int:
    """Cores that this process may use, 1 or more: of the machine, its affinity, its container."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    with contextlib.suppress(OSError, ValueError):
        # a container's share: microseconds of CPU in a period, "max" for no limit
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        cores = min(cores, int(quota) // int(period))
    return max(1, cores)


def free_megabytes() -> int | None:
    """Memory that can be taken without swapping; None where the system does not say."""
    free: int | None = None
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                free = int(line.split()[1]) // 1024
    with contextlib.suppress(OSError, ValueError):
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
        taken = int(Path("/sys/fs/cgroup/memory.current").read_text())
        left = max(0, limit - taken) // MEGABYTE
        free = left if free is None else min(free, left)
    return free


def resident_megabytes(pid: int) -> int | None:
    """Memory that a process holds; None where it is gone, or the system has no /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") // MEGABYTE


def waited_seconds(pid: int) -> float:
    """Time that a process was ready to run and had no processor, in its main thread, since it was
    started; 0 where it is gone, or the system does not say (only Linux does)."""
    try:
        _, waited, _ = Path(f"/proc/{pid}/schedstat").read_bytes().split()
        return int(waited) / 1e9
    except (OSError, ValueError):
        return 0.0


def limit_memory(megabytes: int) -> None:
    """Let this process take so much more memory than it has now; beyond, allocation fails.

    Only Linux counts what this needs (private data, touched or not); elsewhere nothing happens.
    """
    if sys.platform != "linux":
        return
    import resource

    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmData:"):
                limit = int(line.split()[1]) * 1024 + megabytes * MEGABYTE
                _, most = resource.getrlimit(resource.RLIMIT_DATA)
                if most != resource.RLIM_INFINITY:
                    limit = min(limit, most)
                resource.setrlimit(resource.RLIMIT_DATA, (limit, most))
