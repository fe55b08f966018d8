"""The command and the watch against a calculator that knows interchange.md only, on packs nobody has seen."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from attendance_mis.models import School
from attendance_mis.tenancy import acting_for
from penalties.actions import watch
from penalties.models import Watch
from tests.penalties.a_pack import DATES, write_pack
from tests.penalties.calculator import penalty_thresholds


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.django_db
def test_seven_dates_agree_with_the_calculator(tmp_path: Path, seed: int) -> None:
    folder = write_pack(tmp_path, seed)
    call_command("import_school", str(folder), stdout=StringIO())
    school = School.objects.get(urn="123456")
    met = 0
    for on in DATES:
        expected = penalty_thresholds(folder, on)
        out = StringIO()
        call_command("penalty_thresholds", school="123456", on=on, stdout=out)
        assert list(csv.DictReader(StringIO(out.getvalue()))) == expected, on
        with acting_for(school):
            watch.look(school=school, on=on)
            kept = Watch.objects.filter(counted__gt=0).order_by("pupil__upn")
            assert [
                (row.pupil.upn, row.counted, row.provisional, row.met_since is not None)
                for row in kept.select_related("pupil")
            ] == [
                (row["upn"], int(row["counted"]), int(row["provisional"]), row["threshold_met"] == "Y")
                for row in expected
            ]
        met += sum(row["threshold_met"] == "Y" for row in expected)
    assert met > 10, "the packs reach the threshold, or nothing is tested"
