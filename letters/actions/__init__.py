"""The writers of letters. `queue_letter` is what the floors above call, in their own transaction."""

from letters.actions.queueing import queue_letter

__all__ = ["queue_letter"]
