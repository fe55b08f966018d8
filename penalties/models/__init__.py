"""Penalties: what the school watches, its readings of the disputed points, decisions, notices and packs."""

from penalties.models.watch import Evidence, LastLook, Readings, Watch

__all__ = ["Evidence", "LastLook", "Readings", "Watch"]
