"""The last word of every log line: an address that opens something to whoever holds it is not in it.

Such an address carries its secret in one part, after a word of `OPENS`. It is taken out of the finished line, so that
it does not matter who wrote it: the line of a request, Django's of a refused form, the text of an error.
"""

import re
from logging import LogRecord

from structlog.stdlib import ProcessorFormatter

OPENS = ("begin", "invitation", "recovery", "feed")
HIDDEN = "***"
_SECRET = re.compile(rf"/({'|'.join(OPENS)})/[^/\s\"'?#]+")


def hide_secrets(line: str) -> str:
    """The line with `***` where a secret stood in an address."""
    return _SECRET.sub(rf"/\1/{HIDDEN}", line)


class Formatter(ProcessorFormatter):
    """structlog's, without the secrets."""

    def format(self, record: LogRecord) -> str:
        return hide_secrets(super().format(record))
