"""The web server goes over to the release that its folder now names, and refuses nobody: `python3 bin/roll.py PID`.

PID is gunicorn's first process. SIGUSR2 has it start the new release beside itself on the same sockets; as soon as that
stands it tells the old one to finish and end (gunicorn.conf.py). One that does not start changes nothing.
"""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 120  # seconds: a start, and the pages that the old one still finishes
ASK_AGAIN = 2


def main(before: int) -> None:
    new, asked, deadline = 0, 0.0, time.monotonic() + PATIENCE
    while runs(before):
        new = new or successor(before)
        # Asked again: a server that has just taken over is deaf to it until it sees, within a second, that it is alone.
        if not new and time.monotonic() > asked + ASK_AGAIN:
            os.kill(before, signal.SIGUSR2)
            asked = time.monotonic()
        if new and not runs(new):
            sys.exit("The new release does not start, its reason is above or in the log; the old one goes on serving.")
        if time.monotonic() > deadline:
            sys.exit(f"The server {before} still runs after {PATIENCE} seconds: see its log.")
        time.sleep(0.05)
    print(f"The new release serves, by process {new}.", flush=True)


def successor(before: int) -> int:
    """The process that gunicorn started to succeed it; 0 before there is one."""
    with suppress(FileNotFoundError, ProcessLookupError):  # one that just ended
        for child in map(int, Path(f"/proc/{before}/task/{before}/children").read_text().split()):
            if f"GUNICORN_PID={before}".encode() in Path(f"/proc/{child}/environ").read_bytes().split(b"\0"):
                return child
    return 0


def runs(process: int) -> bool:
    """Whether it is there, and not only waiting to be taken note of."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    main(int(sys.argv[1]))
