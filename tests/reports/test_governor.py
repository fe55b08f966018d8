"""The half-termly report to governors: what it says, what it hides, that it stays what it was, and no name in it."""

import csv
import io
from datetime import date, datetime

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from pypdf import PdfReader

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow, School
from attendance_mis.tenancy import acting_for
from registers.codes import code_for
from reports.actions import governor as actions
from reports.models import GovernorReport
from reports.tasks import make_governor_report as nightly
from tests.factories import LONDON
from tests.reports.conftest import LAST, written

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def report(cast, school_of_sixty):
    return actions.make_governor_report(school=cast.school, academic_year=2024, half_term=3, by=cast.actor("head"))


def rows(report):
    return {row["group"]: row for row in (*report.figures["years"], *report.figures["groups"])}


def words(report):
    return " ".join(" ".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(bytes(report.pdf))).pages)


def test_figures_are_those_of_the_sums(report):
    whole = report.figures["whole"]["half_term"]
    # 60 pupils x 60 sessions; 10 x 9 + 15 x 1 + 2 x 8 + 26 x 2 missed.
    assert (whole["pupils"], whole["attendance"], whole["days"]) == (60, "95.2", "1.4")
    assert whole["persistent"] == {"count": 12, "percent": "20.0"}
    assert rows(report)["fsm:yes"]["half_term"]["persistent"] is None, "all ten: all but none is a small number too"
    assert rows(report)["fsm:yes"]["half_term"]["attendance"] == "85.0"


def test_few_pupils_have_no_row(report):
    found = rows(report)
    assert "service_child:yes" not in found
    assert found["year:4"]["half_term"]["persistent"] is None
    assert found["year:3"]["half_term"]["persistent"] is None, "the whole less year 3 would be year 4"
    assert "service" not in words(report).split("Not shown")[0].lower()


def test_it_answers_in_words(report):
    text = words(report)
    for said in (
        "Are we getting better?", "What should we ask?", "12 pupils, 20.0 per cent, have missed a tenth or more",
        "Pupils with free school meals: 85.0 per cent since September", "England, primary schools", "hidden",
        report.digest, "I Illness", "Other reasons unauthorised", "Page 1 of",
    ):  # fmt: skip
        assert said in text, said


def test_no_name_in_page_file_address_or_audit(cast, report, school_of_sixty):
    names = {name for pupil in [*cast.pupils, *cast.other_pupils, *school_of_sixty["third"], *school_of_sixty["fourth"]]
             for name in (pupil.legal_surname, pupil.legal_forename, pupil.upn)}  # fmt: skip
    names |= {part for user in cast.people.values() for part in user.name.split()}
    governor, where = cast.client("governor"), [cast.school.urn, report.pk]
    texts = [governor.get(reverse("reports:see_governor_report", args=where)).content.decode()]
    texts[0] = texts[0].replace(cast.people["governor"].name, "")  # who is signed in
    texts.append(words(report))
    for kind in ("csv", "xlsx"):
        answer = governor.get(reverse("reports:governor_report_file", args=[*where, kind]))
        texts += [answer["Content-Disposition"], answer.content.decode("utf-8", "ignore") if kind == "csv" else ""]
    texts += AuditRow.objects.filter(verb__contains="governor").values_list("summary", flat=True)
    for name in names:
        assert not [text for text in texts if name in text], name


def test_frozen(cast, report, school_of_sixty):
    before = bytes(report.pdf)
    school_of_sixty["meals"][0].marks.all().delete()
    client = cast.client("governor")
    where = [cast.school.urn, report.pk]
    assert client.get(reverse("reports:governor_report_pdf", args=where)).content == before
    page = client.get(reverse("reports:see_governor_report", args=where)).content.decode()
    assert "SHA-256 confirmed" in page
    assert "12 pupils, 20.0 per cent" in page
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        GovernorReport.objects.filter(pk=report.pk).update(digest="")


def test_tagged_and_titled(report):
    reader = PdfReader(io.BytesIO(bytes(report.pdf)))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert "report to governors" in reader.metadata.title
    assert b"pdfuaid" in root["/Metadata"].get_data()
    tags = set()

    def walk(node):
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for each in node:
                walk(each)
        elif isinstance(node, dict) and "/S" in node:
            tags.add(node["/S"])
            if node["/S"] == "/Figure":
                assert node.get("/Alt"), "a picture without words"
            walk(node.get("/K", []))

    walk(root["/StructTreeRoot"]["/K"])
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/P", "/Figure"} <= tags


def test_csv_has_every_table_and_says_what_is_hidden(cast, report):
    address = reverse("reports:governor_report_file", args=[cast.school.urn, report.pk, "csv"])
    lines = list(csv.DictReader(io.StringIO(cast.client("governor").get(address).content.decode("utf-8-sig"))))
    found = {(line["row"], line["span"], line["measure"]): line["value"] for line in lines}
    assert found["all pupils", "half_term", "pupils"] == "60"
    assert found["Year 4", "half_term", "persistent pupils"] == "hidden"
    assert not [row for row, *_ in found if "ervice" in row], "a group that few are in is not even named"


def taken(cast, report):
    """The report's page, and the lines of its file by row and measure of the half-term."""
    where, client = [cast.school.urn, report.pk], cast.client("governor")
    page = client.get(reverse("reports:see_governor_report", args=where)).content.decode()
    file = client.get(reverse("reports:governor_report_file", args=[*where, "csv"])).content.decode("utf-8-sig")
    lines = csv.DictReader(io.StringIO(file))
    return page, {(line["table"], line["row"], line["measure"]): line["value"] for line in lines}


def test_a_report_from_before_the_bands_still_opens(cast, school_of_sixty, monkeypatch):
    """Its numbers are exact, what was done has no name, and it does not say whether the half-term was over."""
    document = actions.document

    def as_before(of):
        found = document(of)
        del found["over"]
        sentences = [each["sentence"] for each in found["work"]]
        counted = zip(sentences, (12, 7, None), strict=True)
        found["work"] = [{"sentence": sentence, "pupils": pupils} for sentence, pupils in counted]
        return found | {"impact": {"reviewed": 20, "improved": 8}, "open_cases": 9}

    monkeypatch.setattr(actions, "document", as_before)
    report = actions.make_governor_report(school=cast.school, academic_year=2024, half_term=3, by=cast.actor("head"))
    page, lines = taken(cast, report)
    for told in (page, words(report)):
        assert "Letters were sent to the parents of 12 pupils." in told
        assert "20 plans were reviewed; after 8 of them" in told
        assert "12 pupils have missed a tenth or more and 9 have an open case" in told
        assert "Illness" in told
    assert lines["casework", "Letters were sent to the parents of pupils.", "pupils"] == "12"
    assert lines["casework", "plans reviewed", "pupils"] == "20"
    assert lines["casework", "open cases", "pupils"] == "9"
    assert "SHA-256 confirmed" in page


@pytest.mark.parametrize(
    ("day", "hour", "minute", "over"), [(13, 19, 0, False), (14, 15, 29, False), (14, 15, 30, True), (15, 9, 0, True)]
)
def test_reasons_and_lateness_are_told_when_the_half_term_is_over(
    cast, school_of_sixty, clock, day, hour, minute, over
):
    """Before, two reports would differ by the reasons of the days between them."""
    written_late(school_of_sixty["fourth"][:20])
    clock.move_to(datetime(2025, 2, day, hour, minute, tzinfo=LONDON))
    report = actions.make_governor_report(school=cast.school, academic_year=2024, half_term=3, by=cast.actor("head"))
    page, lines = taken(cast, report)
    tables = {table for table, _, _ in lines}
    for told in (page, words(report)):
        assert ("Illness" in told, "pupils came late" in told, "Authorised absence was" in told) == (over,) * 3
        assert ("The reasons are told when the half-term is over." in told) is not over
        assert ("Lateness is told when the half-term is over." in told) is not over
    assert ({"reasons", "punctuality"} <= tables) is over
    assert ({"reasons", "punctuality"} & tables != set()) is over


def written_late(pupils):
    for pupil in pupils:
        mark = pupil.marks.filter(code=code_for("/", LAST).number).earliest("day")
        mark.code = code_for("L", LAST).number
        mark.save()


def test_a_school_sets_which_numbers_are_small(cast, school_of_sixty):
    """Nine of year 3 on meals and more: with ten as the bound the families around them are hidden too."""
    head = cast.actor("head")
    shown = rows(actions.make_governor_report(school=cast.school, academic_year=2024, half_term=3, by=head))
    School.objects.filter(pk=cast.school.pk).update(small_numbers_under=11)
    cast.school.refresh_from_db()
    report = actions.make_governor_report(school=cast.school, academic_year=2024, half_term=3, by=head)
    assert report.figures["threshold"] == 11
    assert shown["fsm:yes"]["year"]["pupils"] == 10
    assert "fsm:yes" not in rows(report)


def test_what_an_earlier_report_of_the_half_term_hid_stays_hidden(cast, school_of_sixty):
    """The two would show each a row that the other hides, and together a small one."""
    head, late = cast.actor("head"), school_of_sixty["meals"][:5]
    for pupil in late:
        pupil.marks.all().delete()
    first = rows(actions.make_governor_report(school=cast.school, academic_year=2024, half_term=3, by=head))
    written(late, missed=9)
    second = rows(actions.make_governor_report(school=cast.school, academic_year=2024, half_term=3, by=head))
    assert "fsm:yes" not in {*first, *second}
    assert {group for group in second if not group.startswith("year:")} <= first.keys()
    assert first["sex:F"]["half_term"]["pupils"] < second["sex:F"]["half_term"]["pupils"]


def test_the_last_school_day_makes_it_once(cast, school_of_sixty, clock):
    clock.move_to(datetime(2025, 2, 14, 19, 0, tzinfo=LONDON))
    for day in (date(2025, 2, 13), LAST, LAST):
        nightly(cast.school.pk, day.isoformat())
    with acting_for(cast.school):
        [made] = GovernorReport.objects.all()
    assert (made.half_term, made.last, made.by_position) == (3, LAST, "End of the half-term")


def test_a_second_one_stands_beside_the_first(cast, report):
    client = cast.client("manager")
    answer = client.post(reverse("reports:see_governor_reports", args=[cast.school.urn]), {"half_term": "2024-3"})
    assert answer.status_code == 302
    assert [each.version for each in GovernorReport.objects.all()] == [2, 1]
    assert cast.client("governor").post(
        reverse("reports:see_governor_reports", args=[cast.school.urn]), {"half_term": "2024-3"}
    ).status_code == 403  # fmt: skip
    with pytest.raises(Refused, match="no such half-term"):
        actions.make_governor_report(school=cast.school, academic_year=2024, half_term=6, by=cast.actor("head"))


def test_what_was_hidden_in_the_half_term_before_is_not_shown_since_september(cast, school_of_sixty):
    """Five pupils with a plan in autumn, six now: since September less now would be the five's autumn."""
    autumn, third = (date(2024, 11, 4), date(2024, 12, 20)), school_of_sixty["third"]
    everybody = [*third, *school_of_sixty["fourth"]]
    written(everybody, missed=3, first=autumn[0], last=autumn[1])
    for pupil in third[10:15]:
        type(pupil).objects.filter(pk=pupil.pk).update(sen_status="E")
    head = cast.actor("head")
    actions.make_governor_report(school=cast.school, academic_year=2024, half_term=2, by=head)
    type(third[15]).objects.filter(pk=third[15].pk).update(sen_status="E")
    row = rows(actions.make_governor_report(school=cast.school, academic_year=2024, half_term=3, by=head))["sen:E"]
    assert row["half_term"]["pupils"] == 6
    assert row["year"]["pupils"] is None
