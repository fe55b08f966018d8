"""Letters: what leaves the building, on which way, and what became of it."""

from letters.models.messages import Message, Reply

__all__ = ["Message", "Reply"]
