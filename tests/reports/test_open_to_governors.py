"""Everything that governors and trust leads can open: attacked (test_published_together.py), or harmless for a reason.

A new url open to one of them goes into one of these lists, and what it publishes into the table of docs/published.md.
"""

from pathlib import Path

import pytest

from tests.house.test_access import ACCESS

# What publishes numbers of pupils.
ATTACKED = {
    "reports:see_aggregates": "Figures of every range by group, and their trend by week; the file of each table",
    "reports:see_casework": "Casework by group",
    "reports:see_governor_report": "A report to governors",
    "reports:governor_report_pdf": "The same as PDF",
    "reports:governor_report_file": "The same as CSV and workbook",
    "trust:see_trust": "The schools of a trust side by side",
}
_LEADS_ON = "leads on to a page that is listed"
_HERSELF = "is of the reader herself"
_NOTHING = "tells nothing that anybody on the way to the door may not know"
HARMLESS = {
    "front": _LEADS_ON, "home": _LEADS_ON, "reports:see_dashboard": _LEADS_ON,
    "reports:see_governor_reports": "titles and days of the reports",
    **dict.fromkeys(
        ("reports:explain_aggregate", "reports:explain_casework", "reports:explain_governor_report",
         "trust:explain_school"),
        "looks up what its page prints of a row, and holds no other number (test_explain_cells.py)",
    ),
    "registers:see_calendar": "days of the school, no pupil",
    "see_feed": "her own address of the calendar",
    "make_feed": "her own address of the calendar", "end_feed": "her own address of the calendar",
    "read_feed": "days of the school; what else stands in a feed, its reader's role opens (casework/feed.py)",
    "registers:set_demo_clock": "only in the demonstration, sets its day",
    "registers:reset_demo_clock": "only in the demonstration, sets its day",
    "account": _HERSELF, "end_place": _HERSELF, "disconnect_account": _HERSELF,
    "still_here": _HERSELF,
    "sign_out": _HERSELF, "sign_out_everywhere": _HERSELF,
    **dict.fromkeys((name for name in ACCESS if name.startswith("mfa_")), _HERSELF),
    "account_reauthenticate": _HERSELF,
    **dict.fromkeys(
        ("sign_in", "recover", "invitation", "recovery", "begin_school", "account_login", "openid_connect_login",
         "openid_connect_callback", "healthz", "metrics", "api:see_interface", "api:see_openapi", "api:nowhere"),
        _NOTHING,
    ),
}  # fmt: skip
OPEN_TO = ("G", "R", "signed", "anyone")


def opened() -> set[str]:
    return {name for name, who in ACCESS.items() if not {"G", "R"}.isdisjoint(who.split()) or who.split()[0] in OPEN_TO}


def test_all_that_they_can_open_is_attacked_or_harmless_for_a_reason() -> None:
    assert opened() == ATTACKED.keys() | HARMLESS.keys()
    assert ATTACKED.keys().isdisjoint(HARMLESS)


@pytest.mark.parametrize("name", ATTACKED)
def test_the_table_of_the_documentation_says_what_is_published(name: str) -> None:
    page = Path("docs/published.md").read_text(encoding="utf-8")
    assert f"| `{name}`" in page
