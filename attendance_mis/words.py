"""Numbers in sentences. Pure."""


def how_many(number: int, noun: str) -> str:
    """The number with its noun: "1 session", "2 sessions", "0 sessions"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
