from reports.models.benchmarks import PublishedRate
from reports.models.governor import GovernorReport
from reports.models.made import MadeReport, SwitchedOff

__all__ = ["GovernorReport", "MadeReport", "PublishedRate", "SwitchedOff"]
