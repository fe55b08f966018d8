"""Penalties: what the school watches, its readings of the disputed points, decisions, notices and packs."""

from penalties.models.decisions import Decision
from penalties.models.notices import Document, ImprovementNotice, NoticeEvent, NoticeSession, PenaltyNotice
from penalties.models.packs import Order, Pack, PackItem
from penalties.models.watch import Evidence, LastLook, Readings, Watch

__all__ = [
    "Decision",
    "Document",
    "Evidence",
    "ImprovementNotice",
    "LastLook",
    "NoticeEvent",
    "NoticeSession",
    "Order",
    "Pack",
    "PackItem",
    "PenaltyNotice",
    "Readings",
    "Watch",
]
