"""The clocks of a school as its page shows them, what is recorded done, and the returns that are made."""

import csv
import hashlib
import io
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from attendance_mis import clock as clocks_of_school
from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from casework.actions.clocks import make_return, record_clocks_done
from casework.clocks import Kind
from casework.demo import make_due_returns
from casework.models import AuthorityReturn, ClockDone
from casework.statutory import Running, running_clocks
from registers.codes import code_for
from registers.models import Mark, PlannedAbsence, Pupil, Registration
from tests import factories
from tests.casework.conftest import Attend
from tests.conftest import TODAY, Cast

pytestmark = pytest.mark.usefixtures("clock")


def running(cast: Cast, *kinds: Kind) -> list[Running]:
    found = running_clocks(cast.school, clocks_of_school.now(cast.school))
    return [each for each in found if each.clock.kind in kinds]


def keys(cast: Cast, kind: Kind) -> list[str]:
    return [each.key for each in running(cast, kind)]


def url(cast: Cast, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[cast.school.urn, *args])


def plan(cast: Cast, pupil: Pupil, kind: str, letter: str, until: date, **values: object) -> PlannedAbsence:
    return factories.PlannedAbsenceFactory(
        pupil=pupil, kind=kind, code=code_for(letter, TODAY).number, start=TODAY, end=until, **values
    )


def test_ten_days_without_authority_and_twenty_without_trace(cast: Cast, attend: Attend) -> None:
    attend(cast.pupils[0], "N", days=9)
    attend(cast.pupils[1], "O", days=10)
    attend(cast.pupils[2], "G", days=21)
    attend(cast.pupils[3], "I", days=12)
    returns = {each.pupil: each.clock.is_reached for each in running(cast, Kind.ATTENDANCE)}
    assert returns == {cast.pupils[0]: False, cast.pupils[1]: True, cast.pupils[2]: True}
    [trace] = running(cast, Kind.GROUND_I)
    assert (trace.pupil, trace.clock.is_reached) == (cast.pupils[2], True)
    assert running(cast, Kind.OLD_N)[0].pupil == cast.pupils[0]


def test_who_fails_to_attend_regularly_apart_from_ten_days_in_a_row(cast: Cast, attend: Attend) -> None:
    for pupil, letter, days in ((0, "G", 5), (1, "O", 10), (2, "N", 8), (3, "I", 8)):
        attend(cast.pupils[pupil], letter, days=days)
    late, present = code_for("U", TODAY).number, code_for("/", TODAY).number
    other = cast.other_pupils[0]
    attend(other, "U", days=9)
    Mark.objects.filter(pupil=other, session=2).update(code=present)
    assert [each.pupil for each in running(cast, Kind.IRREGULAR)] == [cast.pupils[0]], "nine sessions are too few"
    Mark.objects.filter(pupil=other, day=TODAY, session=2).update(code=late)
    assert {each.pupil for each in running(cast, Kind.IRREGULAR)} == {cast.pupils[0], other}
    made = make_return(
        school=cast.school,
        kind=Kind.ATTENDANCE,
        keys=[each.key for each in running(cast, Kind.IRREGULAR, Kind.ATTENDANCE) if each.clock.is_reached],
        by=cast.actor("office"),
    )
    rows = csv.DictReader(io.StringIO(made.csv.decode("utf-8-sig")))
    assert sorted(row["Why"] for row in rows) == [
        "Absent without authority for ten continuous school days", "Fails to attend regularly",
        "Fails to attend regularly",
    ]  # fmt: skip
    assert not [each for each in running(cast, Kind.IRREGULAR, Kind.ATTENDANCE) if each.clock.is_reached]


def test_what_is_agreed_with_the_authority_is_set_by_those_who_lead(cast: Cast, attend: Attend) -> None:
    attend(cast.pupils[0], "G", days=5)
    address, agreed = url(cast, "change_return_agreement"), {"interval": "week", "irregular_sessions": "10"}
    assert cast.client("office").post(address, agreed).status_code == 403
    assert cast.client("lead").post(address, {"interval": "year", "irregular_sessions": "0"}).status_code == 422
    assert cast.client("lead").post(address, agreed).status_code == 302
    assert [each.clock.due for each in running(cast, Kind.IRREGULAR)] == [TODAY + timedelta(5)]
    assert AuditRow.objects.filter(verb="change_return_agreement").exists()


def test_the_authority_is_told_of_a_part_time_timetable_once(cast: Cast) -> None:
    planned = plan(cast, cast.pupils[0], "part_time", "C2", TODAY + timedelta(30), review_on=TODAY + timedelta(28))
    [told] = running(cast, Kind.PART_TIME_TOLD)
    assert (told.pupil, told.clock.due) == (cast.pupils[0], TODAY)
    record_clocks_done(
        school=cast.school, keys=[told.key], note="By their form, reference 12.", by=cast.actor("manager")
    )
    assert not running(cast, Kind.PART_TIME_TOLD)
    planned.refresh_from_db()
    assert planned.review_on == TODAY + timedelta(28), "the review runs on"


def test_the_social_worker_is_told_before_a_name_comes_off(cast: Cast) -> None:
    Pupil.objects.filter(pk=cast.pupils[0].pk).update(social_worker="Mr Silva")
    Registration.objects.filter(pupil=cast.pupils[0]).update(leaving_date=TODAY + timedelta(3), leaving_ground="a")
    [told] = running(cast, Kind.SOCIAL)
    assert told.clock.due == TODAY + timedelta(3)
    assert "Mr Silva is told that the name comes off" in told.clock.sentence


def test_illness_with_what_is_expected_of_it(cast: Cast, attend: Attend) -> None:
    attend(cast.pupils[0], "I", days=14)
    attend(cast.pupils[1], "I", days=15)
    assert [each.pupil for each in running(cast, Kind.SICKNESS)] == [cast.pupils[1]]
    plan(cast, cast.pupils[0], "reported", "I", TODAY + timedelta(1))
    assert {each.pupil for each in running(cast, Kind.SICKNESS)} == set(cast.pupils[:2])


def test_names_that_come_on_and_off_the_register(cast: Cast) -> None:
    Registration.objects.filter(pupil=cast.pupils[0]).update(admission_date=TODAY - timedelta(4))
    Registration.objects.filter(pupil=cast.other_pupils[0]).update(leaving_date=TODAY, leaving_ground="a")
    [new], [gone] = running(cast, Kind.NEW_PUPIL), running(cast, Kind.DELETION)
    assert (new.pupil, new.clock.due) == (cast.pupils[0], TODAY + timedelta(1))
    assert (gone.pupil, gone.clock.due) == (cast.other_pupils[0], TODAY)


def test_exclusion_part_time_and_missing_registers(cast: Cast, attend: Attend) -> None:
    plan(cast, cast.pupils[0], "exclusion", "E", TODAY + timedelta(7))
    plan(cast, cast.pupils[1], "exclusion", "E", TODAY + timedelta(3))
    plan(cast, cast.pupils[2], "part_time", "C2", TODAY + timedelta(30), review_on=TODAY + timedelta(14))
    plan(cast, cast.pupils[3], "part_time", "C2", TODAY + timedelta(30), review_on=TODAY + timedelta(15))
    assert [(each.pupil, each.clock.due) for each in running(cast, Kind.EXCLUSION)] == [
        (cast.pupils[0], TODAY + timedelta(7))
    ]
    assert [each.pupil for each in running(cast, Kind.PART_TIME)] == [cast.pupils[2]]
    assert running(cast, Kind.MISSING)


def test_workers_are_told_and_not_everybody_reads_that(cast: Cast, attend: Attend) -> None:
    Pupil.objects.filter(pk=cast.pupils[0].pk).update(social_worker="Mr Silva", youth_offending="Ms Nguyen")
    attend(cast.pupils[0], "N", days=1)
    assert {each.clock.kind for each in running(cast, Kind.SOCIAL, Kind.YOUTH)} == {Kind.SOCIAL, Kind.YOUTH}
    assert "Mr Silva" in cast.client("safeguarding").get(url(cast, "see_clocks")).text
    assert "Silva" not in cast.client("office").get(url(cast, "see_clocks")).text
    [key] = keys(cast, Kind.SOCIAL)
    address = f"{url(cast, 'record_clocks_done')}?clock={key}"
    assert cast.client("office").post(address, {"note": ""}).status_code == 404
    assert cast.client("safeguarding").post(address, {"note": "Rang him at 10:05."}).status_code == 302
    assert not running(cast, Kind.SOCIAL)
    assert "Rang him" not in cast.client("office").get(url(cast, "see_clocks")).text


def test_a_clock_is_done_once(cast: Cast, attend: Attend) -> None:
    attend(cast.pupils[0], "I", days=15)
    [key] = keys(cast, Kind.SICKNESS)
    record_clocks_done(school=cast.school, keys=[key], note="By their portal.", by=cast.actor("office"))
    assert ClockDone.objects.get().done_by_position == "Office staff"
    with pytest.raises(Refused, match="somebody has done it already"):
        record_clocks_done(school=cast.school, keys=[key], note="", by=cast.actor("head"))


def test_the_review_of_a_part_time_timetable_names_the_next(cast: Cast) -> None:
    planned = plan(cast, cast.pupils[0], "part_time", "C2", TODAY + timedelta(30), review_on=TODAY)
    [key] = keys(cast, Kind.PART_TIME)
    address = f"{url(cast, 'record_clocks_done')}?clock={key}"
    client = cast.client("manager")
    late = client.post(address, {"note": "Going well.", "review_on": TODAY + timedelta(31)})
    assert (late.status_code, ClockDone.objects.count()) == (422, 0)
    assert client.post(address, {"note": "Going well.", "review_on": TODAY + timedelta(28)}).status_code == 302
    planned.refresh_from_db()
    assert planned.review_on == TODAY + timedelta(28)
    assert AuditRow.objects.filter(verb="review_part_time", pupil_id=planned.pupil_id).exists()


def test_a_demonstration_begins_with_what_an_office_would_have_done(cast: Cast) -> None:
    for pupil, days in zip(cast.pupils, (20, 4), strict=False):
        Registration.objects.filter(pupil=pupil).update(admission_date=TODAY - timedelta(days))
    make_due_returns(cast.school.pk, TODAY.isoformat())
    assert AuthorityReturn.objects.get().pupils == [cast.pupils[0].pk]
    assert [each.pupil for each in running(cast, Kind.NEW_PUPIL)] == [cast.pupils[1]], "the visitor's to do"


# Returns


def test_the_new_pupil_return_holds_the_admission_register(cast: Cast) -> None:
    pupil = cast.pupils[0]
    Registration.objects.filter(pupil=pupil).update(admission_date=TODAY, last_school="=Hill Primary")
    factories.ContactFactory(pupil=pupil, address_1="2 Mill Lane", town="London", postcode="N1 1AA")
    factories.ContactFactory(
        pupil=pupil, priority=2, title="Mr", forename="Omar", lives_with_pupil=False, mobile="07700 900456"
    )
    factories.ContactFactory(
        pupil=pupil, priority=3, forename="Aunt", parental_responsibility=False, lives_with_pupil=False
    )  # fmt: skip
    answer = cast.client("office").post(
        url(cast, "make_return", "new_pupil"), {"clock": keys(cast, Kind.NEW_PUPIL)}, follow=True
    )
    assert answer.status_code == 200
    assert not running(cast, Kind.NEW_PUPIL)
    made = AuthorityReturn.objects.get()
    download = cast.client("office").get(url(cast, "download_return", made.pk, "csv"))
    [row] = csv.DictReader(io.StringIO(download.content.decode("utf-8-sig")))
    assert list(row) == [
        "Full name", "Sex", "Date of birth", "Starting day", "School last attended", "Day pupil or boarder", "Address",
        "Parent 1: name", "Parent 1: address", "Parent 1: pupil normally lives with", "Parent 1: emergency telephone",
        "Parent 2: name", "Parent 2: address", "Parent 2: pupil normally lives with", "Parent 2: emergency telephone",
        "Emergency telephone",
    ]  # fmt: skip
    assert (row["Starting day"], row["Address"]) == ("2025-03-11", "2 Mill Lane, London, N1 1AA")
    assert row["School last attended"] == "'=Hill Primary"
    assert row["Parent 2: pupil normally lives with"] == "No"
    assert "upn" not in str(row).lower()


def test_a_deletion_is_returned_with_its_ground(cast: Cast) -> None:
    pupil = cast.other_pupils[0]
    factories.ContactFactory(pupil=pupil, address_1="2 Mill Lane")
    Registration.objects.filter(pupil=pupil).update(
        leaving_date=TODAY, leaving_ground="a", destination="Hill Primary, from 12 March 2025"
    )
    made = make_return(school=cast.school, kind=Kind.DELETION, keys=keys(cast, Kind.DELETION), by=cast.actor("manager"))
    [row] = csv.DictReader(io.StringIO(made.csv.decode("utf-8-sig")))
    assert row["Ground"].startswith("a: Now registered at another school")
    assert row["Future school or address"] == "Hill Primary, from 12 March 2025"
    assert "Parent 1 the pupil lived with: emergency telephone" in row


def test_a_return_is_kept_byte_for_byte(cast: Cast, attend: Attend) -> None:
    for pupil in cast.pupils[:2]:
        attend(pupil, "O", days=10)
    office = cast.client("office")
    office.post(url(cast, "make_return", "attendance_return"), {"clock": keys(cast, Kind.ATTENDANCE)})
    made = AuthorityReturn.objects.get()
    files = {kind: office.get(url(cast, "download_return", made.pk, kind)).content for kind in ("pdf", "csv")}
    assert hashlib.sha256(files["pdf"]).hexdigest() == made.pdf_hash
    Pupil.objects.filter(pk=cast.pupils[0].pk).update(legal_surname="Changed")
    assert office.get(url(cast, "download_return", made.pk, "csv")).content == files["csv"]
    reader = PdfReader(io.BytesIO(files["pdf"]))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    text = " ".join(page.extract_text() for page in reader.pages)
    assert "Attendance return" in text
    assert "O (Unauthorised)" in text
    assert ClockDone.objects.filter(authority_return=made).count() == 2
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        AuthorityReturn.objects.update(pdf=b"")


def test_a_return_of_nobody_is_refused(cast: Cast) -> None:
    address = url(cast, "make_return", "sickness_return")
    assert cast.client("office").post(address, {"nobody": "ticked"}).status_code == 422
    page = cast.client("office").get(address).content.decode()
    assert "No child is to be returned now." in page
    assert "Make the return" not in page, "there is nothing to make"
    assert cast.client("office").get(url(cast, "make_return", "ground_i")).status_code == 404
    with pytest.raises(Refused, match="no longer runs"):
        make_return(school=cast.school, kind=Kind.SICKNESS, keys=["sickness_return:1:x"], by=cast.actor("office"))


def test_the_page_asks_the_same_for_more_children(cast: Cast, attend: Attend) -> None:
    counts = []
    client = cast.client("head")
    for size in (1, 5):
        for pupil in cast.pupils[:size]:
            attend(pupil, "N", days=21)
            Pupil.objects.filter(pk=pupil.pk).update(social_worker="Mr Silva")
            Registration.objects.filter(pupil=pupil).update(admission_date=TODAY - timedelta(60))
        with CaptureQueriesContext(connection) as found:
            client.get(url(cast, "see_clocks"))
        counts.append(len(found))
    assert counts[0] == counts[1]
