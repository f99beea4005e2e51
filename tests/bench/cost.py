"""What a group of processes costs: CPU seconds and memory, read from /proc."""

import os
import re
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from tests.missing import MissingError

TICKS = os.sysconf("SC_CLK_TCK")
UNITS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}


def members(groups):
    """Yield the /proc folder of each process in the process groups, with the fields of its stat."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) in groups:
                yield folder, fields


def cpu(groups):
    """Return the seconds, user and system, that all processes of the groups have taken."""
    return sum(int(fields[11]) + int(fields[12]) for _, fields in members(groups)) / TICKS


def memory(groups):
    """Return the megabytes of all processes of the groups; what they share is counted once."""
    total = 0
    for folder, _ in members(groups):
        with suppress(OSError):
            found = re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)
            total += int(found[1])
    return total / 1024


# Another port in each Host, never asked for before, so that the page cache has no such page.
MISSES = """
local number = START
request = function()
    number = number + 1
    wrk.headers["Host"] = "HOST:" .. number
    return wrk.format()
end
"""


def load(url, groups, seconds, *headers, missing_host=None):
    """Ask for a page with wrk, eight at once, as often as it is answered.

    Args:
        url: the page's address.
        groups: the process groups whose CPU time counts.
        seconds: how long to ask.
        headers: further ones, as text.
        missing_host: the site's host name, where each request is to be a miss in the page cache.

    Returns:
        CPU milliseconds a request, requests a second, and the latency's median and 99th
        percentile in milliseconds.

    Raises:
        MissingError: wrk is not installed.
    """
    command = ["wrk", "-t1", "-c8", f"-d{seconds}s", "--latency"]
    for header in ("Accept-Encoding: gzip", *headers):
        command += ["-H", header]
    before = cpu(groups)
    try:
        with NamedTemporaryFile("w", suffix=".lua") as script:
            if missing_host:
                start = str(time.time_ns() // 1_000_000)
                script.write(MISSES.replace("HOST", missing_host).replace("START", start))
                script.flush()
                command += ["-s", script.name]
            done = subprocess.run([*command, url], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise MissingError("wrk is not installed: apt-get install wrk") from None
    taken = cpu(groups) - before
    assert "Non-2xx" not in done.stdout, done.stdout
    requests = int(re.search(r"(\d+) requests in", done.stdout)[1])
    a_second = float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])
    latencies = [
        float(number) * UNITS[unit]
        for number, unit in re.findall(r"(?:50|99)%\s+([\d.]+)(us|ms|s|m)", done.stdout)
    ]
    return taken / requests * 1000, a_second, *latencies
