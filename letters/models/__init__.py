"""Letters: what leaves the building, on which way, and what became of it."""

from letters.models.letters import Copy, EvidenceCheck, Letter, PrintRun, StoredPdf
from letters.models.messages import Message, Reply
from letters.models.schedule import ScheduleSetting
from letters.models.templates import Channel, Letterhead, LetterTemplate, Sensitivity, TemplateVersion

__all__ = [
    "Channel",
    "Copy",
    "EvidenceCheck",
    "Letter",
    "LetterTemplate",
    "Letterhead",
    "Message",
    "PrintRun",
    "Reply",
    "ScheduleSetting",
    "Sensitivity",
    "StoredPdf",
    "TemplateVersion",
]
