from datetime import date

import pytest

from attendance_mis.words import days


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2025, 3, 11), date(2025, 3, 11), "11 March 2025"),
        (date(2025, 3, 11), date(2025, 3, 14), "11 to 14 March 2025"),
        (date(2025, 3, 31), date(2025, 4, 1), "31 March to 1 April 2025"),
        (date(2026, 9, 3), date(2027, 7, 20), "3 September 2026 to 20 July 2027"),
        (date(2026, 3, 3), date(2027, 3, 3), "3 March 2026 to 3 March 2027"),
    ],
)
def test_a_span_names_what_its_ends_do_not_share(first, last, said):
    assert days(first, last) == said
