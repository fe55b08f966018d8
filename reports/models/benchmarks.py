"""DfE's published rates, imported. They belong to no school."""

from typing import Self

from django.db import models

from reports import benchmarks


class PublishedRate(models.Model):
    """One area and phase of one year of DfE's daily attendance data; rates in per cent."""

    series = models.CharField(max_length=6)
    academic_year = models.PositiveSmallIntegerField()
    until = models.DateField(help_text="The last day the figures reach.")
    level = models.CharField(max_length=9)
    area = models.CharField(max_length=100)
    region = models.CharField(max_length=100, blank=True, help_text="Of a local authority.")
    phase = models.CharField(max_length=9)
    absence = models.DecimalField(max_digits=5, decimal_places=2)
    authorised = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    unauthorised = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    persistent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    severe = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["series", "academic_year", "level", "area", "phase"], name="published_rate_once"
            )
        ]

    def __str__(self) -> str:
        return self.benchmark.sentence

    @classmethod
    def of(cls, rate: benchmarks.Benchmark) -> Self:
        """The row that holds a published rate."""
        return cls(**{name: getattr(rate, name) for name in benchmarks.Benchmark.__slots__})

    @property
    def benchmark(self) -> benchmarks.Benchmark:
        """The published rate as the pure sums know it."""
        return benchmarks.Benchmark(**{name: getattr(self, name) for name in benchmarks.Benchmark.__slots__})
