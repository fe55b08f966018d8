from reports.models.benchmarks import PublishedRate

__all__ = ["PublishedRate"]
