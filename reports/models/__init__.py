from reports.models.benchmarks import PublishedRate
from reports.models.governor import GovernorReport

__all__ = ["GovernorReport", "PublishedRate"]
