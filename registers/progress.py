"""A progress bar for commands: on a terminal one line that is drawn over, elsewhere nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

WIDTH = 30
EVERY_SECONDS = 0.2


@dataclass(slots=True)
class Bar:
    """Call it with a name, how much is done and how much there is."""

    out: TextIO
    is_shown: bool
    _drawn_at: float = field(default=0.0)

    def __call__(self, what: str, done: int, whole: int) -> None:
        now = time.monotonic()
        if self.is_shown and now - self._drawn_at > EVERY_SECONDS and whole:
            self._drawn_at = now
            filled = WIDTH * done // whole
            self.out.write(f"\r{what} [{'#' * filled:<{WIDTH}}] {100 * done // whole:3} %")
            self.out.flush()

    def clear(self) -> None:
        """Leave an empty line for what is said next."""
        if self._drawn_at:
            self.out.write("\r" + " " * 79 + "\r")
            self._drawn_at = 0.0


@contextmanager
def bar(out: TextIO) -> Iterator[Bar]:
    """A bar on `out` for the length of the block."""
    drawn = Bar(out, out.isatty())
    try:
        yield drawn
    finally:
        drawn.clear()
