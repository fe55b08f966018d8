"""Set-based SQL of casework, by noun."""

from casework.querysets.escalations import ProposalQuerySet, StandingQuerySet
from casework.querysets.tasks import TaskQuerySet

__all__ = ["ProposalQuerySet", "StandingQuerySet", "TaskQuerySet"]
