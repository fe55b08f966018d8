"""DfE's published rates: shipped, read from DfE's file, and chosen for a school (law.md section 4)."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from reports import benchmarks
from reports.models import PublishedRate

HEAD = ",".join([*benchmarks.COLUMNS, "more"])
# law.md section 4: the published numerators and denominators of 2025/26, total, and a row that is not shown.
LINES = [
    HEAD,
    "202526,National,,,Total,2445419687,168324305,110576083,57748222,18.7817604593414,x",
    "202526,Local authority,London,Camden,Primary,1000,57,43,14,16.49,x",
    "202526,Local authority,London,City of London,Special,c,c,c,c,c,x",
]


def test_dfe_s_rates_are_reproduced_from_its_own_counts():
    england, camden = benchmarks.read(LINES, date(2026, 7, 22))
    assert (england.absence, england.persistent, england.area) == (Decimal("6.88"), Decimal("18.78"), "England")
    assert (camden.level, camden.area, camden.region, camden.attendance) == (
        "authority", "Camden", "London", Decimal("94.30")
    )  # fmt: skip
    assert england.sentence == "England, all schools: DfE daily attendance data, 2025/26 to 22 July 2026"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["a,b"], "The file has no column time_period, geographic_level"),
        ([HEAD, LINES[1].replace("168324305", "many")], "Line 2 cannot be read"),
        ([HEAD, LINES[1].replace("168324305", "9999999999")], "is no share"),
        ([HEAD, LINES[1].replace("National", "Parish")], "Line 2 cannot be read"),
    ],
)
def test_another_file_is_refused_in_one_sentence(lines, said):
    with pytest.raises(benchmarks.BadFile, match=said):
        list(benchmarks.read(lines))


def test_what_a_school_is_compared_with():
    known = benchmarks.england()
    primary = benchmarks.choose(known, phase="primary", academic_year=2026)
    assert (primary.series, primary.academic_year, primary.absence) == ("daily", 2025, Decimal("5.28"))
    assert benchmarks.choose(known, phase="secondary", academic_year=2024).absence == Decimal("8.59")
    assert benchmarks.choose(known, phase="pru", academic_year=2025).phase == "total"
    assert benchmarks.choose(known, phase="primary", academic_year=2017) is None
    assert benchmarks.choose(known, phase="primary", academic_year=2025, level="authority", areas=["Camden"]) is None


@pytest.mark.django_db
def test_import_benchmarks_twice_is_once(tmp_path, capsys):
    file = tmp_path / "ytd.csv"
    file.write_text("\n".join(LINES))
    for _ in range(2):
        call_command("import_benchmarks", str(file), "--until", "2026-07-22")
    assert capsys.readouterr().out == "2 rates of 2 areas.\n" * 2
    assert PublishedRate.objects.get(area="Camden").benchmark.region == "London"
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_benchmarks", str(tmp_path / "none.csv"))
