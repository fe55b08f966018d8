"""All five presets on packs nobody has seen, on seven dates, equal a second calculation that shares no code.

Dates in term, on a half-marked day, in a holiday, at a weekend, before the first day, after the last.
"""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command

from attendance_mis.models import School
from attendance_mis.tenancy import acting_for
from registers.models import PolicyVersion
from tests.casework.outside import PRESETS, OutsideSchool, a_random_pack
from tests.packs import ALL_THROUGH

pytestmark = pytest.mark.django_db
DATES = [date(2021, 8, 2), date(2021, 12, 11), date(2022, 2, 15), date(2022, 6, 27), date(2024, 12, 11),
         date(2025, 3, 14), date(2025, 8, 20)]  # fmt: skip


@pytest.mark.parametrize("seed", [1])
def test_five_presets_on_seven_dates(seed: int, tmp_path: Path) -> None:
    a_random_pack(tmp_path, seed, pupils=12, years=(2021, 2024))
    (tmp_path / "school.toml").write_text(ALL_THROUGH, encoding="utf-8")
    call_command("import_school", str(tmp_path), stdout=io.StringIO(), stderr=io.StringIO())
    outside, school = OutsideSchool(tmp_path), School.objects.get(urn="123456")
    compared = 0
    for name in PRESETS:
        with acting_for(school):
            PolicyVersion.objects.update(document={"preset": name})
        for on in DATES:
            out = io.StringIO()
            call_command("escalations", "--school=123456", f"--on={on}", stdout=out)
            printed = list(csv.DictReader(io.StringIO(out.getvalue())))
            found = [(row["upn"], row["ladder"], row["step"], row["value"]) for row in printed]
            assert found == outside.escalations(name, on), (name, on)
            compared += len(found)
    assert compared > 100
