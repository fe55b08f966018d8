"""The pages of figures: who sees what, numbers that explain themselves, constant queries, no name for a governor."""

import csv
import io
from collections import namedtuple
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape
from lxml import html

from attendance_mis.models import AuditRow
from attendance_mis.tenancy import acting_for
from registers import codes
from registers.calendar_rules import Session
from registers.models import Entry, Mark, SchoolDay
from registers.sums import sums
from reports import kept
from reports.definitions import DEFINITIONS, TILES
from reports.groups import whole
from reports.patterns import RULE, Slot
from reports.querysets.days import slots_by_day
from tests import factories
from tests.conftest import TODAY

pytestmark = pytest.mark.django_db
SINCE = date(2025, 1, 6)


@pytest.fixture
def school(cast, clock):
    """Marks since January: the first pupil misses every Friday, the second one session, the others nothing."""
    days = SchoolDay.objects.filter(day__range=(SINCE, TODAY - timedelta(1))).values_list("day", flat=True)
    pupils = [*cast.pupils, *cast.other_pupils]
    Mark.objects.bulk_create(
        Mark(
            school=cast.school, pupil=pupil, day=day, session=session, entry_id=1,
            code=codes.code_for(_letter(cast, pupil, day, session), day).number,
        )
        for day in days for pupil in pupils for session in Session
    )  # fmt: skip
    return cast


def _letter(cast, pupil, day, session):
    if pupil == cast.pupils[0] and day.weekday() == 4:
        return "O"
    if pupil == cast.pupils[1] and (day, session) == (SINCE, Session.AM):
        return "I"
    return "/" if session is Session.AM else "\\"


def page(cast, role, path):
    """What stands between head and foot, where the reader's own name is."""
    answer = cast.client(role).get(cast.url(f"figures/{path}"))
    assert answer.status_code == 200, answer.content
    return answer.content.decode().partition('id="main"')[2].partition("</main>")[0]


def test_the_manager_sees_days_before_per_cent_and_who_is_behind(school):
    said = page(school, "manager", "school/")
    first = school.pupils[0]
    assert "Persistently absent" in said
    lead = "attendance is 97.0 %, 2.2 points above England. 1 of 7 is persistently absent"
    assert f"Each pupil missed 1.2 days on average; {lead}" in html.fromstring(said).text_content()
    assert "England, primary schools: DfE daily attendance data, 2024/25 to 31 July 2025" in said
    behind = page(school, "manager", "explain/persistent/")
    assert f"figures/pupils/{first.pk}/" in behind
    assert "missed 8 days, about 1 in 5" in behind
    assert f"figures/pupils/{school.pupils[1].pk}/" not in behind


@pytest.mark.parametrize("figure", TILES)
def test_every_figure_explains_itself(school, figure):
    said = page(school, "head", f"explain/{figure}/?range=2024-HT3&group=sex:F")
    assert DEFINITIONS[figure].meaning[:40] in said.replace("&#x27;", "'")
    # Who is at risk is asked of the year so far, whatever days the page is about.
    days = "4 September 2024 to 11 March 2025" if figure == "at-risk" else "6 January 2025 to 14 February 2025"
    assert days in said


def test_a_teacher_sees_her_class_and_not_why_a_child_is_vulnerable(school):
    other = school.other_pupils[0]
    other.social_worker = "Worker A"
    other.save()
    said = page(school, "teacher", "class/")
    assert "social worker" not in said
    assert "Has a social worker" in page(school, "head", "school/")
    listed = page(school, "teacher", "pupils/")
    assert f"/{school.pupils[0].pk}/" in listed
    assert f"/pupils/{other.pk}/" not in listed
    assert f"/pupils/{other.pk}/" not in page(school, "teacher", "explain/missed/")


def test_a_governor_reads_no_name_and_no_small_number(school):
    said = page(school, "governor", "governors/?range=year")
    for pupil in [*school.pupils, *school.other_pupils]:
        assert pupil.legal_surname not in said
        assert pupil.upn not in said
    assert "hidden" in said
    # Days and groups of her own choice are not asked for, whatever the address says.
    of_a_day, plain = (
        page(school, "governor", f"governors/?range=custom{days}").partition("</nav>")[2].replace(escape(days), "")
        for days in ("&first=2025-01-06&last=2025-01-06", "")
    )
    assert of_a_day == plain


def test_filters_are_closed_on_a_phone_and_say_how_many_are_chosen(school):
    def panel(query):
        whole = html.fromstring(page(school, "manager", f"school/{query}"))
        [fold] = whole.find_class("app-fold")
        return fold.find("summary").text_content().strip(), fold.get("open") is not None

    assert panel("") == ("Choose days and groups", False)
    assert panel("?range=2024-HT3&group=sex:F&year=") == ("Choose days and groups: 2 chosen", False)
    assert panel("?range=year&first=&last=&year=&group=") == ("Choose days and groups", False), "all as it begins"
    assert panel("?first=2025-03-02&last=2025-03-01")[1], "what is wrong is seen"


@pytest.mark.parametrize("path", ["school/", "pupils/", "groups/", "explain/missed/"])
def test_what_is_chosen_is_said_and_each_can_be_taken_away(school, path):
    """In words, on the same page; what a list shows by page begins with its first, a cell of a table stays the cell."""
    client, url = school.client("manager"), school.url(f"figures/{path}")

    def told(query):
        answer = client.get(f"{url}{query}")
        assert answer.status_code == 200
        tags = html.fromstring(answer.content.decode()).find_class("app-chosen__tag")
        return {tag.text_content().removeprefix("Take away "): tag.get("href") for tag in tags}

    assert told("") == told("?range=year&year=&group=&first=") == {}
    tags = told("?range=2024-HT3&group=sex:F&year=3&page=1")
    [half_term] = [said for said in tags if said.startswith("When: ")]
    assert [*tags] == [half_term, "Year: Year 3", "Group: Girls"]
    for said, href in tags.items():
        assert set(told(href)) == set(tags) - {said}
        assert "page" not in href
    days = "?range=custom&first=2025-01-06&last=2025-01-10&class_group=" + f"{school.own_class.pk}"
    tags = told(days)
    assert [*tags] == ["When: 6 January 2025 to 10 January 2025", f"Class: {school.own_class}"]
    assert told(tags["When: 6 January 2025 to 10 January 2025"]).keys() == {f"Class: {school.own_class}"}
    assert told("?first=2025-01-06&last=2025-01-06").keys() == {"When: 6 January 2025"}
    assert told("?group=nothing:yes") == {}
    if path.startswith("explain"):
        assert "of=sex%3AF" in told("?of=sex:F&year=3")["Year: Year 3"]


def test_one_child(school):
    said = page(school, "teacher", f"pupils/{school.pupils[0].pk}/")
    assert "Fridays: 8 of 8 days missed were Fridays (about 2 would be expected)." in said
    [fridays] = [
        a.get("href") for a in html.fromstring(said).find_class("app-figure") if "Fridays:" in a.text_content()
    ]
    behind = school.client("teacher").get(fridays).content.decode()
    days = [row[0].text_content() for row in html.fromstring(behind).get_element_by_id("sessions").iter("tr")][1:]
    assert len(days) == 16
    assert all(day.startswith("Fri ") for day in days)
    lead = html.fromstring(said).find_class("govuk-body-l")[0].text_content()
    assert "missed 8 days, about 1 in 5; persistently absent now, and out of it again" in lead


def test_filters_in_the_address_and_a_list_as_a_file(school):
    client = school.client("manager")
    answer = client.get(school.url("figures/pupils/export/csv/?show=persistent&range=2024-HT3"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["upn"], row["days_missed"], row["outlook"]) for row in rows] == [
        (school.pupils[0].upn, "6", "Persistently absent")
    ]
    assert client.get(school.url("figures/pupils/export/xlsx/")).content[:2] == b"PK"
    assert client.get(school.url("figures/pupils/export/pdf/")).status_code == 404
    groups = client.get(school.url("figures/groups/export/csv/")).content.decode("utf-8-sig")
    assert groups.splitlines()[1].startswith("All pupils,7,")
    assert [row.verb for row in AuditRow.objects.order_by("pk")] == ["export_figures"] * 3
    assert "The last day is before the first." in page(school, "manager", "school/?first=2025-03-02&last=2025-03-01")
    assert "Nobody fits" in page(school, "manager", "school/?group=sex:M")


def test_a_page_without_a_pattern_says_so_and_when_one_is_told(school):
    for role, path in (("head", "school/?range=week"), ("teacher", "class/?range=week")):
        said = page(school, role, path)
        assert "None that is more than chance." in said
        assert RULE in said


def test_what_is_kept_is_never_older_than_the_register(school):
    first, last, pk = date(2024, 8, 1), TODAY, school.school.pk

    def same():
        whole_days = kept.of_days(first, last, TODAY)
        with acting_for(school.school):
            return whole_days == slots_by_day(first, last) and kept.of_schools([pk], (first, last)) == [
                {pk: whole(sums(first, last))}
            ]

    assert same()
    assert same()
    # A mark of January is amended: the entry is what says so.
    Mark.objects.filter(pupil=school.pupils[1], day=SINCE).update(code=codes.code_for("O", SINCE).number)
    Entry.objects.create(
        school=school.school, day=SINCE, session=1, at=factories.datetime(2025, 3, 11, tzinfo=factories.LONDON),
        source="amendment", pupils=[school.pupils[1].pk], codes=[1],
    )  # fmt: skip
    assert same()
    # A child leaves: her later marks count no more.
    school.pupils[2].registrations.update(leaving_date=date(2025, 2, 1))
    assert same()


def test_a_day_is_counted_from_what_is_asked_for(school):
    """The pupil of a mark only in the years in which her age decides what X counts as."""
    Mark.objects.filter(pupil=school.pupils[1], day=SINCE, session=1).update(
        code=codes.code_for("L", SINCE).number, minutes_late=7
    )

    def asked(first):
        with CaptureQueriesContext(connection) as captured:
            found = slots_by_day(first, TODAY)
        return "registers_pupil" in captured[0]["sql"], sum(slot.minutes for slot in found)

    with acting_for(school.school):
        assert asked(SINCE) == (False, 7)
        assert asked(codes.COVID_X_UNTIL) == (True, 7)
        assert sum(slot.minutes for slot in kept.of_days(SINCE, TODAY, TODAY)) == 7


def test_what_a_release_kept_is_not_read_by_one_that_counts_other_things(school, monkeypatch):
    """As before days were counted pupil by pupil: an entry of other columns may stand in the cache for a week."""
    first, last = SINCE, TODAY - timedelta(7)
    older = namedtuple("Slot", Slot._fields[:-2])
    with acting_for(school.school):
        found = slots_by_day(first, last)
        with monkeypatch.context() as release:
            release.setattr(kept, "Slot", older)
            release.setattr(kept, "slots_by_day", lambda *_: [older(*slot[:-2]) for slot in found])
            assert kept.of_days(first, last, TODAY) == [slot[:-2] for slot in found]
        assert kept.of_days(first, last, TODAY) == kept.of_days(first, last, TODAY) == found


def test_the_night_adds_up_what_the_first_pages_of_the_day_ask(school):
    for each in school.school.trust.schools.all():
        with acting_for(each):
            kept.keep_beforehand(each.pk, TODAY)
    for role, path in (
        ("manager", school.url("figures/school/")),
        ("trust_lead", f"/trust/{school.school.trust_id}/"),
    ):
        client = school.client(role)
        client.get("/")  # her session is read once, and kept
        with CaptureQueriesContext(connection) as first:
            client.get(path)
        with CaptureQueriesContext(connection) as again:
            client.get(path)
        assert len(first) == len(again)


def test_the_queries_do_not_grow_with_the_pupils(school):
    def queries():
        client = school.client("manager")
        with CaptureQueriesContext(connection) as counted:
            client.get(school.url("figures/school/?range=2024-HT3"))
            client.get(school.url("figures/pupils/"))
        return len(counted)

    few = queries()
    with acting_for(school.school):
        _, more = factories.make_class(school.school, "5C", 20, year_group="5")
        Mark.objects.bulk_create(
            Mark(school=school.school, pupil=pupil, day=SINCE, session=1, entry_id=1,
                 code=codes.code_for("O", SINCE).number)
            for pupil in more
        )  # fmt: skip
    assert queries() <= few


def test_a_trust_lead_sees_schools_side_by_side_without_a_name(school):
    client, path = school.client("trust_lead"), f"/trust/{school.school.trust_id}/"
    assert "4 September 2024 to 9 March 2025. Lowest" in client.get(path).content.decode(), "from the first school day"
    said = client.get(path).content.decode().partition('id="main"')[2]
    assert school.school.name in said
    assert school.other_school.name in said
    assert school.pupils[0].upn not in said
    assert "hidden" in said
    rows = list(csv.DictReader(io.StringIO(client.get(path, {"file": "schools.csv"}).content.decode("utf-8-sig"))))
    ours = next(row for row in rows if row["School"] == school.school.name)
    # Sixteen sessions missed on Fridays, one more by the second pupil, of 88 and more possible each.
    assert (ours["Pupils"], ours["Days missed a pupil"], ours["Persistently absent"]) == ("7", "1.2", "hidden")
    assert AuditRow.objects.filter(verb="export_table").count() == 1  # and one at the other school


def test_the_trust_page_asks_as_often_for_many_schools(school):
    def queries():
        with CaptureQueriesContext(connection) as counted:
            school.client("trust_lead").get(f"/trust/{school.school.trust_id}/")
        return len(counted)

    queries()
    kept_for_two = queries()
    factories.SchoolFactory.create_batch(4, trust=school.school.trust)
    queries()
    assert queries() == kept_for_two


def test_the_governors_table_as_a_file_hides_what_the_page_hides(school):
    answer = school.client("governor").get(school.url("figures/governors/"), {"file": "groups.csv"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0]["Group"] == "All pupils"
    assert (rows[0]["Pupils"], rows[0]["Persistently absent"]) == ("7", "hidden")
    # Two of seven are in year 4: neither year is told.
    assert not [row for row in rows if row[""] == "Year group"]
    assert DEFINITIONS["persistent"].left_out in page(school, "governor", "governors/")


@pytest.mark.parametrize("name", ["school", "groups", "governors"])
def test_august_says_why_there_is_no_figure_and_leads_to_the_year_before(school, clock, name):
    clock.move_to("2025-08-20T10:00:00Z")
    said = page(school, "manager", f"{name}/")
    assert "There is no school day in these days." in said
    assert 'href="?range=2024-year">Look at the year 2024/25' in said
    assert "There is no school day" not in page(school, "manager", f"{name}/?range=2024-year")


def test_the_first_morning_says_that_no_register_is_sent(cast, clock):
    clock.move_to("2024-09-04T07:50:00Z")
    assert "No register of these days has been sent yet." in page(cast, "manager", "school/")
    assert "They begin with the first register that is sent." in page(cast, "governor", "governors/")
