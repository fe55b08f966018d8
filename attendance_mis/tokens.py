"""The secrets that partners show: made of chance, shown once, kept as their SHA-256."""

import secrets
from hashlib import sha256

PREFIX = "amis_"  # by which a secret left in a repository or a log is known


def make_secret(urn: str) -> str:
    """The school it opens, and 256 bits of chance: nobody guesses it, so no slow hash need stand before it."""
    return f"{PREFIX}{urn}_{secrets.token_urlsafe(32)}"


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return sha256(secret.encode()).hexdigest()
