"""Every kind of PDF that the product makes: for each a function that has the product make some.

`KINDS` names a kind by the url where people get it, or by what it is.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, ImageDraw
from weasyprint import HTML

from casework.actions import cases, filling, plans, supervision
from casework.actions.clocks import make_return
from casework.actions.plans import WantedTarget
from casework.form_definitions import Field, FormDefinition, current, every_version, to_fill_in
from casework.form_record import head_of
from casework.models import Case, FilledForm
from casework.returns import TITLES as RETURNS
from casework.returns import return_of
from casework.statutory import running_clocks
from letters import drawing
from letters.actions import queue_letter, rendering
from letters.actions.approving import approve_letters
from letters.actions.printing import make_print_run
from letters.models import Copy, Letterhead
from letters.occasions import Occasion
from penalties.actions import decisions, improvements, packs
from penalties.improvement import IMPROVEMENT_CONTENTS
from penalties.models import Decision
from penalties.pack_rules import ENTERED
from registers.actions import certificates
from registers.calendar_rules import Session
from registers.codes import code_for
from registers.models import ClassGroup, Contact, Mark, Pupil, Registration, SchoolDay
from reports import paper
from reports.actions import governor, scheduled
from reports.querysets.people import challenge, week_of_class
from reports.scheduled import Kind as Made
from tests import factories
from tests.conftest import REGISTER_TIME, TODAY, Cast
from tests.factories import LONDON
from tests.letters.test_series import html_of
from tests.penalties.test_notices_of_a_school import issue, prepare
from tests.penalties.test_packs import enter
from tests.reports.conftest import LAST, written

FIRST = date(2025, 3, 3)
LINE = "She said: „jutro“, ‘it is late’ – ½ hour, 5 °C; ناديا, 王小明, நாளை, and what no font has: \ue000 \x02 \u0378.\n"
LONG_TEXT = LINE * 5
Make = Callable[[Cast], Iterator[bytes]]
KINDS: dict[str, Make] = {}
NOT_OURS = {"penalties:item_pdf"}
"""Urls that hand out a PDF which somebody uploaded."""


def kind(name: str) -> Callable[[Make], Make]:
    """Put a function in the table."""

    def put(make: Make) -> Make:
        KINDS[name] = make
        return make

    return put


def got(cast: Cast, name: str, *args: object, role: str = "head", **query: str) -> bytes:
    """What a person gets by a url."""
    answer = cast.client(role).get(reverse(name, args=[cast.school.urn, *args]), query)
    assert answer.headers["Content-Type"] == "application/pdf", (name, answer.status_code)
    return answer.content


def parent_of(pupil: Pupil) -> Contact:
    """Somebody to write to, by post; made where the child has nobody."""
    known = pupil.contacts.first() or factories.ContactFactory(pupil=pupil)
    known.address_1, known.town, known.postcode = "2 Example Street", "London", "N1 2AA"
    known.parental_responsibility = True
    known.save()
    return known


def away(pupil: Pupil, letter: str, days: int, until: date = TODAY) -> None:
    """The last so many school days are this code, whatever stood there."""
    last = SchoolDay.objects.filter(day__lte=until).order_by("-day").values_list("day", flat=True)[:days]
    Mark.objects.filter(pupil=pupil, day__in=list(last)).delete()
    Mark.objects.bulk_create(
        Mark(school_id=pupil.school_id, pupil=pupil, day=day, session=session, code=code_for(letter, day).number,
             entry_id=1)
        for day in last for session in Session
    )  # fmt: skip


def picture(size: tuple[int, int] = (1200, 300)) -> bytes:
    """A logo as a school uploads it: partly transparent."""
    drawn = Image.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(drawn).ellipse((20, 20, size[0] - 20, size[1] - 20), fill=(18, 89, 107, 200))
    out = BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()


def letters_of(cast: Cast, pupils: list[Pupil], occasion: str = "stage_1") -> list[Copy]:
    """A letter about each child, with a letterhead, approved and drawn."""
    Letterhead.objects.update_or_create(
        school=cast.school, defaults={"logo": picture(), "logo_text": "A sun", "signature": picture((300, 80)),
                                      "signatory": "Ms A Head", "position": "Headteacher"},
    )  # fmt: skip
    by = cast.actor("manager")
    for pupil in pupils:
        parent_of(pupil)
        away(pupil, "O", 8)
        made = queue_letter(school=cast.school, pupil=pupil, occasion=occasion, by=by, why="Often away.")
        approve_letters(school=cast.school, letters=[made.pk], roles=["head", "lead", "manager"], by=by)
    rendering.render_due(school=cast.school)
    made = list(Copy.objects.select_related("letter").order_by("pk"))
    assert {copy.status for copy in made} == {Copy.Status.RENDERED}, [copy.fault for copy in made]
    return made


@kind("letters:copy_pdf")
def _letters(cast: Cast) -> Iterator[bytes]:
    for copy in letters_of(cast, cast.pupils[:2]):
        yield got(cast, "letters:copy_pdf", copy.pk)


@kind("letters:print_run_pdf")
def _print_runs(cast: Cast) -> Iterator[bytes]:
    letters_of(cast, cast.pupils[:3])
    run = make_print_run(school=cast.school, by=cast.actor("manager"))
    yield got(cast, "letters:print_run_pdf", run.pk)
    yield got(cast, "letters:print_run_pdf", run.pk, **{"both-sides": "on"})


@kind("letters:export_correspondence")
def _correspondence(cast: Cast) -> Iterator[bytes]:
    yield got(cast, "letters:export_correspondence", cast.pupils[1].pk)
    letters_of(cast, [cast.pupils[0], cast.pupils[0]])
    yield got(cast, "letters:export_correspondence", cast.pupils[0].pk)


@kind("every occasion, with a translation")
def _occasions(cast: Cast) -> Iterator[bytes]:
    for occasion in Occasion:
        yield drawing.pdf_of(html_of(occasion, "ar"), None)[0]


@kind("casework:form_pdf")
def _forms(cast: Cast) -> Iterator[bytes]:
    """Every form there is: empty, answered everywhere, and corrected."""
    by = cast.actor("manager")
    for form in every_version():
        empty = _filled(cast, form, {})
        yield got(cast, "casework:form_pdf", empty.pk)
        answers = {field.key: _answer(field) for field in form.fields}
        full = _filled(cast, form, answers, corrects=empty, why=LINE)
        for line in dict.fromkeys(form.signs):
            filling.sign_form(filled=full, line=line, name="Ms Ahmed", on=TODAY, by=by)
        yield got(cast, "casework:form_pdf", full.pk)


def _filled(cast: Cast, form: FormDefinition, answers: dict[str, Any], **values: Any) -> FilledForm:
    pupil = cast.pupils[0] if form.about == "pupil" else None
    return FilledForm.objects.create(
        school=cast.school, pupil=pupil, form=form.key, version=form.version, on=TODAY, answers=answers,
        facts=head_of(pupil, TODAY) if pupil else [], made_at=REGISTER_TIME, by_name="Helen Osei",
        by_position="Manager", **values,
    )  # fmt: skip


def _answer(field: Field) -> Any:
    match field.kind:
        case "line":
            return LINE
        case "text":
            return LONG_TEXT
        case "lines":
            return LONG_TEXT.splitlines()
        case "day":
            return f"{TODAY}"
        case "choice":
            return field.choices[0]
        case "ticks":
            return list(field.choices)
    return {"answer": "yes", "on": f"{TODAY}"}


@kind("casework:empty_form_pdf")
def _empty_forms(cast: Cast) -> Iterator[bytes]:
    for form in to_fill_in("pupil"):
        yield got(cast, "casework:empty_form_pdf", cast.pupils[0].pk, form.key)


@kind("casework:conversation_pdf")
def _conversations(cast: Cast) -> Iterator[bytes]:
    form = current("early_help")
    filled = _filled(cast, form, {field.key: _answer(field) for field in form.fields})
    yield got(cast, "casework:conversation_pdf", filled.pk)


@kind("casework:contact_pdf")
def _contact_records(cast: Cast) -> Iterator[bytes]:
    for said in ("", LONG_TEXT):
        made = cast.pupils[0].contact_records.create(
            school=cast.school, kind="call", at=REGISTER_TIME, day=TODAY, who="Ms Ahmed", said=said,
            made_at=REGISTER_TIME, by_name="Helen Osei", by_position="Class teacher",
        )  # fmt: skip
        yield got(cast, "casework:contact_pdf", made.pk)


@kind("casework:supervision_agenda")
def _agendas(cast: Cast) -> Iterator[bytes]:
    by, lead = cast.actor("manager"), cast.people["manager"].pk
    letters_of(cast, cast.pupils[:1])
    for pupil in cast.pupils[:3]:
        cases.open_case(pupil=pupil, lead_id=lead, concern=LINE, today=TODAY, by=by)
    case = _worked(cast)
    yield got(cast, "casework:supervision_agenda")
    yield got(cast, "casework:supervision_agenda", case=f"{case.pk}")


def _worked(cast: Cast) -> Case:
    """The open case of the first pupil, with a barrier, a plan, a contact and a supervision."""
    by = cast.actor("manager")
    case = Case.objects.get(pupil=cast.pupils[0])
    cases.add_barrier(case=case, side="family", what="The bus.", today=TODAY, by=by)
    case.refresh_from_db()
    plans.make_plan(
        case=case, version=case.version, starts=TODAY, review_on=TODAY + timedelta(weeks=4), support="A mentor",
        targets=[WantedTarget("year_percent", Decimal(94), date(2025, 4, 4))], actions=[("parents", "Two alarms")],
        by=by,
    )  # fmt: skip
    cast.pupils[0].contact_records.create(
        school=cast.school, kind="meeting", at=REGISTER_TIME, day=TODAY, who="Ms Ahmed", said=LONG_TEXT,
        present="Ms Ahmed", made_at=REGISTER_TIME, by_name="Helen Osei", by_position="Class teacher",
    )  # fmt: skip
    supervision.supervise(case=case, on=TODAY, present="All", decision=LINE, by=by)
    return case


@kind("casework:download_return")
def _returns(cast: Cast) -> Iterator[bytes]:
    """One of each kind."""
    first, second, third, fourth = cast.pupils[:4]
    parent_of(first)
    Registration.objects.filter(pupil=first).update(admission_date=TODAY, last_school=LINE[:60])
    Registration.objects.filter(pupil=second).update(leaving_date=TODAY, leaving_ground="a", destination="Hill Primary")
    away(third, "O", 12)
    away(fourth, "I", 16)
    for pupil in cast.other_pupils:
        away(pupil, "N", 11)
    for each in RETURNS:
        found = running_clocks(cast.school, datetime.combine(TODAY, datetime.min.time(), LONDON) + timedelta(hours=16))
        keys = [one.key for one in found if return_of(one.clock.kind) is each and one.clock.is_reached]
        assert keys, each
        made = make_return(school=cast.school, kind=each, keys=keys, by=cast.actor("office"))
        yield got(cast, "casework:download_return", made.pk, "pdf")


@kind("registers:paper_register_pdf")
def _paper_register(cast: Cast) -> Iterator[bytes]:
    yield got(cast, "registers:paper_register_pdf", cast.own_class.pk, TODAY)


@kind("registers:paper_registers_pdf")
def _paper_registers(cast: Cast) -> Iterator[bytes]:
    yield got(cast, "registers:paper_registers_pdf", TODAY)


@kind("registers:certificate_pdf")
def _certificates(cast: Cast) -> Iterator[bytes]:
    """A year of many kinds of marks, amended; and a week without any."""
    _entered(cast, cast.pupils[0])
    for pupil, first in ((cast.pupils[0], date(2024, 9, 2)), (cast.pupils[1], TODAY - timedelta(7))):
        made = certificates.issue_certificate(pupil=pupil, first=first, last=TODAY, by=cast.actor("head"))
        yield got(cast, "registers:certificate_pdf", made.pk)


def _entered(cast: Cast, pupil: Pupil) -> None:
    """Marks of the year so far as the office keys them, some of them twice."""
    contact = parent_of(pupil)
    Mark.objects.filter(pupil=pupil).delete()
    for letter, first, last in (("O", date(2024, 9, 4), TODAY), ("I", FIRST, TODAY), ("M", TODAY, TODAY)):
        enter(cast, contact, letter, first, last)


@kind("reports:governor_report_pdf")
def _governors(cast: Cast) -> Iterator[bytes]:
    """Of a half-term with marks, and of the one after it."""
    for half_term in (3, 2):
        made = governor.make_governor_report(
            school=cast.school, academic_year=2024, half_term=half_term, by=cast.actor("head")
        )
        yield got(cast, "reports:governor_report_pdf", made.pk)


@kind("reports:parent_report")
def _parent_report(cast: Cast) -> Iterator[bytes]:
    away(cast.pupils[0], "O", 40)
    away(cast.pupils[0], "I", 5)
    for pupil in cast.pupils[:2]:
        yield got(cast, "reports:parent_report", pupil.pk)


@kind("reports:parent_reports")
def _parent_reports(cast: Cast) -> Iterator[bytes]:
    yield got(cast, "reports:parent_reports", cast.own_class.pk)


@kind("reports:made_report")
def _made(cast: Cast) -> Iterator[bytes]:
    """What the schedule makes: class lists, newsletter figures, reports to parents, certificates."""
    _full(cast)
    made = scheduled.make_due(school=cast.school, day=LAST)
    assert {each.kind for each in made} == set(Made) - {Made.GOVERNORS}
    for each in made:
        yield got(cast, "reports:made_report", each.pk)


def _full(cast: Cast) -> None:
    """Everybody was there, where nobody has marks yet."""
    if not Mark.objects.exists():
        written([*cast.pupils, *cast.other_pupils], missed=0, last=TODAY)


@kind("reports:awards_pdf")
def _awards(cast: Cast) -> Iterator[bytes]:
    _full(cast)
    yield got(cast, "reports:awards_pdf")


@kind("newsletter figures and class lists of a week without marks")
def _no_marks(cast: Cast) -> Iterator[bytes]:
    for week in (LAST, date(2025, 8, 20)):
        yield paper.newsletter_pdf(cast.school, challenge(cast.school, week))
        for group in ClassGroup.objects.all():
            yield paper.class_list_pdf(cast.school, week_of_class(cast.school, group, week))


@kind("penalties:improvement_pdf")
def _improvements(cast: Cast) -> Iterator[bytes]:
    decision = _decided(cast, "improvement")
    contents = {key: f"{what}. {LONG_TEXT}" for key, what in IMPROVEMENT_CONTENTS.items()}
    made = improvements.offer(
        decision=decision, starts=TODAY, weeks=3, at_most=1, contents=contents, by=cast.actor("head")
    )
    yield got(cast, "penalties:improvement_pdf", made.pk)


def _decided(cast: Cast, outcome: str) -> Decision:
    pupil = cast.pupils[0]
    away(pupil, "O", 8)
    made = prepare(cast, parent_of(pupil))
    decisions.decide(decision=made, outcome=outcome, reason="The law is met.", by=cast.actor("head"))
    return made


@kind("penalties:notice_pdf")
def _notices(cast: Cast) -> Iterator[bytes]:
    away(cast.pupils[0], "O", 8)
    yield got(cast, "penalties:notice_pdf", issue(cast, parent_of(cast.pupils[0])).pk)


@kind("penalties:pack_pdf")
def _packs(cast: Cast) -> Iterator[bytes]:
    """Begun and empty; then with papers, an uploaded PDF and a photograph behind it."""
    by, pupil = cast.actor("manager"), cast.pupils[0]
    letters_of(cast, [pupil])
    issue(cast, parent_of(pupil))
    _entered(cast, cast.pupils[0])
    made = packs.begin(
        pupil=pupil, contact=parent_of(pupil), route="444(1)", first=date(2025, 2, 10), last=TODAY, by=by
    )
    yield got(cast, "penalties:pack_pdf", made.pk)
    cases.open_case(pupil=pupil, lead_id=cast.people["manager"].pk, concern="Often away.", today=TODAY, by=by)
    _worked(cast)
    for part in ENTERED:
        packs.add_item(pack=made, part=part, on=FIRST, title=f"About {part}", text=LONG_TEXT, by=by)
    head = cast.actor("head")
    packs.sign(pack=made, statement=LONG_TEXT, signature=head.name, by=head)
    address = reverse("penalties:add_item", args=[cast.school.urn, made.pk, "agencies"])
    scan = HTML(string=f"<h1>Seen at the clinic</h1>{'<p>On 3 March.' * 60}").write_pdf()
    for name, data in (("scan.pdf", scan), ("photograph.png", picture())):
        values = {"on": f"{FIRST}", "title": name, "text": "", "file": SimpleUploadedFile(name, data)}
        assert cast.client("manager").post(address, values).status_code == 302
    yield got(cast, "penalties:pack_pdf", made.pk)
