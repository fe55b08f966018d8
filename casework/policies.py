"""The policy a school works by on a day: its dated versions, read from the tables a school pack brings."""

from collections.abc import Iterable
from datetime import date

from attendance_mis.models import School
from casework.ladders import Policy
from casework.presets import policy_of, preset
from registers.models import PolicyVersion

DEFAULT = "national"


def policy_on(school: School, day: date) -> Policy:
    """The policy in force on a day; `national` for a school that has none."""
    version = version_on(PolicyVersion.objects.filter(school=school), day)
    return policy_of(version.document) if version else preset(DEFAULT)


def version_on(versions: Iterable[PolicyVersion], day: date) -> PolicyVersion | None:
    """The version in force on a day: the latest begun, or the earliest when none had begun yet.

    A version without a day has been in force since ever. The fall-back is our reading (decision 0007): a school's
    procedure is older than the first version anybody typed in, and a day without a policy would hide every child on it.
    """
    in_order = sorted(versions, key=lambda version: version.in_force_from or date.min)
    begun = [version for version in in_order if (version.in_force_from or date.min) <= day]
    return begun[-1] if begun else next(iter(in_order), None)
