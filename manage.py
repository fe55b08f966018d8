#!/usr/bin/env python
import os
import sys
from contextlib import nullcontext
from pathlib import Path

import environ
from django.core.management import execute_from_command_line

from attendance_mis import embedded

ROOT = Path(__file__).resolve().parent


def main() -> None:
    """Run a command on DATABASE_URL; without one on the database that `make run` made here, if it did."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "attendance_mis.settings")
    environ.Env.read_env(ROOT / ".env")
    var = Path(os.environ.get("VAR_DIR") or ROOT / "var")
    own = not os.environ.get("DATABASE_URL") and embedded.was_made(var)
    with embedded.embedded_postgres(var) if own else nullcontext():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
