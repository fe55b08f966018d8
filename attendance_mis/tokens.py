"""The secrets that partners show: made of chance, shown once, kept as their SHA-256."""

import re
import secrets
from hashlib import sha256

PREFIX = "amis_"  # by which a secret left in a repository or a log is known


def make_secret(urn: str) -> str:
    """The school it opens, and 256 bits of chance: nobody guesses it, so no slow hash need stand before it."""
    return f"{PREFIX}{urn}_{secrets.token_urlsafe(32)}"


def urn_of(secret: str) -> str:
    """The URN of the school that a secret says it opens; empty for what is no secret of ours."""
    found = re.fullmatch(rf"{PREFIX}(\d{{6}})_[\w-]{{43}}", secret, re.ASCII)
    return found[1] if found else ""


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return sha256(secret.encode()).hexdigest()
