"""`make audit`, and a step of CI: is a pinned library known to have a hole? Decision 0057.

    bin/audit.py [--answered] [options of pip-audit]

Exits 1 when a hole is known; 2 with `--answered`, as before a release, when a library could not be asked about.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PINNED = ROOT / "requirements" / "run.txt"


def main() -> None:
    options = sys.argv[1:]
    must_answer = "--answered" in options
    asked = ask([option for option in options if option != "--answered"])
    holes = [(each, hole) for each in asked for hole in each.get("vulns", [])]
    silent = [each["name"] for each in asked if "skip_reason" in each]
    for library, hole in holes:
        fixed = ", ".join(hole["fix_versions"]) or "no version yet"
        print(f"{library['name']} {library['version']}: {hole['id']}, mended in {fixed}")
    if not asked or silent:
        print(f"NOT AUDITED: nobody answered about {', '.join(silent) or 'any library'}.")
    if not holes and len(silent) < len(asked):
        print(f"{len(asked) - len(silent)} libraries asked about: no hole is known.")
    sys.exit(1 if holes else 2 if must_answer and (silent or not asked) else 0)


def ask(options: list[str]) -> list[dict[str, Any]]:
    """What pip-audit says of each pinned library; empty when it could ask nobody."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--requirement", str(PINNED)]
    command += ["--format", "json", "--progress-spinner", "off", *options]
    told = subprocess.run(command, capture_output=True).stdout
    return json.loads(told)["dependencies"] if told else []


if __name__ == "__main__":
    main()
