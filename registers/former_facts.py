"""The groups of a child as they were on a day: what is published of one year does not follow her from group to group.

Two tables of the same range, made before and after one child changed group, differ by that child. So figures that
governors may read count every child in the groups of one day of the academic year (decision 0062). A fact that was not
known then is taken from when it first was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from attendance_mis.models import School
from registers.calendar_rules import academic_year_of, autumn_census_day
from registers.models import FormerFacts
from registers.sums import FLAGS, PupilSum

Former = Mapping[int, Mapping[str, Any]]
"""By pupil and column, what was otherwise."""
_WORDS = ("sex", "sen_status", "ethnicity")
_YES_NO = (*FLAGS, "social_worker")
_COLUMNS = (*_WORDS, *_YES_NO)
_CHANGED = ", ".join(f"('{name}', to_jsonb(OLD.{name}), to_jsonb(NEW.{name}))" for name in (*_WORDS, *FLAGS))
CREATE_TRIGGER = f"""
CREATE FUNCTION registers_keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  gone jsonb;
BEGIN
  SELECT jsonb_object_agg(name, was) INTO gone
  FROM (VALUES {_CHANGED},
    ('social_worker', to_jsonb(OLD.social_worker <> ''), to_jsonb(NEW.social_worker <> ''))) AS fact (name, was, now)
  WHERE was IS DISTINCT FROM now AND was <> '""';
  IF gone IS NOT NULL THEN
    INSERT INTO registers_formerfacts (school_id, pupil_id, until, facts)
    VALUES (NEW.school_id, NEW.id, CASE WHEN NEW.changed_at > OLD.changed_at THEN NEW.changed_at ELSE now() END, gone);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_facts AFTER UPDATE ON registers_pupil FOR EACH ROW
  WHEN (({", ".join(f"OLD.{name}" for name in _COLUMNS)})
    IS DISTINCT FROM ({", ".join(f"NEW.{name}" for name in _COLUMNS)}))
  EXECUTE FUNCTION registers_keep_facts();
"""
DROP_TRIGGER = "DROP TRIGGER keep_facts ON registers_pupil; DROP FUNCTION registers_keep_facts();"


def groups_day(school: School, academic_year: int) -> date:
    """The day whose groups the published figures of a year count by; until it is over, they count by today's."""
    chosen = school.groups_as_at
    return chosen if chosen and academic_year_of(chosen) == academic_year else autumn_census_day(academic_year)


def groups_as_at(school: School, academic_year: int, today: date) -> date | None:
    """`groups_day` for people: None while it is to come."""
    day = groups_day(school, academic_year)
    return day if day < today else None


def former_facts(school: School, academic_year: int) -> Former:
    """What was otherwise at the end of that day. One query."""
    end = datetime.combine(groups_day(school, academic_year) + timedelta(1), time(), tzinfo=school.zone)
    found: dict[int, dict[str, Any]] = {}
    for pupil_id, facts in (
        FormerFacts.objects.filter(until__gte=end).order_by("-until", "-pk").values_list("pupil_id", "facts")
    ):
        found[pupil_id] = found.get(pupil_id, {}) | facts  # the oldest change after that day is the last to say
    return found


def as_they_were(pupils: Iterable[PupilSum], former: Former) -> list[PupilSum]:
    """Pupils in their groups of that day, with their sessions."""
    return [_as_she_was(pupil, facts) if (facts := former.get(pupil.pupil_id)) else pupil for pupil in pupils]


def _as_she_was(pupil: PupilSum, facts: Mapping[str, Any]) -> PupilSum:
    yes = frozenset(name for name in _YES_NO if facts.get(name) is True)
    no = frozenset(name for name in _YES_NO if facts.get(name) is False)
    words = {name: facts[name] for name in _WORDS if name in facts}
    return replace(pupil, flags=pupil.flags - no | yes, noes=pupil.noes - yes | no, **words)
