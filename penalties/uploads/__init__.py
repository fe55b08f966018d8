"""Files that people put into a pack: what is taken, and how it is made harmless before it is kept.

Nothing of an upload is kept but pages drawn anew. It is parsed by `cleaning.py` in a process of its own, with a limit
of time and memory and nothing of ours in its environment, so that a file made to break the reader breaks nothing else.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LARGEST_FILE = 10 * 1024 * 1024
LARGEST_PACK = 60 * 1024 * 1024
"""Bytes: one file, and all files of a pack together."""
LONGEST = 30
"""Seconds one file may take; the process sets its own limits of memory and processor."""
REFUSED = 3
"""The exit status by which `cleaning.py` says that it will not take a file, with the reason in a sentence."""
CLEANING = Path(__file__).with_name("cleaning.py")


class CannotUse(Exception):
    """The file is not taken; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file as it may be kept: PDF pages without anything active."""

    content: bytes
    pages: int


def clean(content: bytes) -> Cleaned:
    """PDF, JPEG or PNG as a harmless PDF. Raises CannotUse."""
    if len(content) > LARGEST_FILE:
        raise CannotUse("This file is larger than 10 MB. Scan it in grey at 150 dots per inch, or split it.")
    try:
        ran = subprocess.run(  # noqa: S603 - our own program, the upload is its input
            [sys.executable, "-I", str(CLEANING)],
            input=content,
            capture_output=True,
            timeout=LONGEST,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as fault:
        raise CannotUse("This file took too long to read. Print it to a new PDF and try again.") from fault
    if ran.returncode == REFUSED:
        raise CannotUse(ran.stderr.decode("utf-8", "replace").strip())
    if ran.returncode or not ran.stdout:
        raise CannotUse("This file could not be read: it is damaged. Print it to a new PDF and try again.")
    pages, _, cleaned = ran.stdout.partition(b"\n")
    return Cleaned(cleaned, int(pages))
