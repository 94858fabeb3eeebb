"""Peak memory of reading and judging many workbooks, in a process of its own: the service and its largest child.

Linux only: the peak comes from /proc, because getrusage counts what a parent had before it started the program.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.reading import workbooks

_MEASURE = """
import json, sys
from pathlib import Path
import psutil
from sync.intake.pool import Pool
from sync.intake.spec import plan_spec
from tests.bench.reading import PLAN, ours

def peak(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])

start = peak("self")
with Pool({PLAN.code: plan_spec(PLAN)}) as pool:
    ours(pool, [Path(line) for line in sys.stdin.read().splitlines()])
    children = [peak(child.pid) for child in psutil.Process().children(recursive=True)]
print(json.dumps([start, peak("self"), max(children)]))
"""


def main(count: int = 1000) -> Iterator[str]:
    """One line of megabytes for `count` workbooks."""
    with TemporaryDirectory() as folder:
        paths = workbooks(Path(folder), count)
        command, lines = [sys.executable, "-c", _MEASURE], "\n".join(map(str, paths))
        done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    start, service, child = (f"{kilobytes / 1024:.0f} MB" for kilobytes in json.loads(done.stdout))
    yield f"read and judge {len(paths)} workbooks: service {service} (libraries alone {start}), largest child {child}"


if __name__ == "__main__":
    for line in main(*map(int, sys.argv[1:])):
        print(line)
