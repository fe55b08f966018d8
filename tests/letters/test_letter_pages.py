"""The pages of letters: decide, edit words, print, a family's file, the schedule."""

from datetime import date, timedelta
from html import unescape
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from letters.actions import evidence, rendering
from letters.actions.printing import _envelope
from letters.models import Copy, Letter, LetterTemplate, ScheduleSetting, Sensitivity, TemplateVersion
from letters.occasions import Occasion
from registers.codes import code_for
from registers.models import Contact, Mark, PlannedAbsence, Pupil
from tests.conftest import TODAY
from tests.factories import ContactFactory
from tests.letters.test_letters import approve, queue, text_of

pytestmark = pytest.mark.usefixtures("clock", "parents")


def url(cast, name, *args):
    return reverse(f"letters:{name}", args=[cast.school.urn, *args])


def amend(cast, pupil, code):
    """The office changes the last morning's mark on its page."""
    mark = Mark.objects.filter(pupil=pupil, session=1).order_by("-day").first()
    answer = cast.client("manager").post(
        reverse("registers:amend_mark", args=[cast.school.urn, pupil.pk, mark.day, 1]),
        {"code": code, "reason": "The parent has written.", "note": "", "version": mark.entry_id},
    )
    assert answer.status_code == 302, answer.content.decode()


def test_approve_some_drop_others(cast, attend):
    letters = [queue(cast, pupil=pupil) for pupil in cast.pupils]
    for pupil in cast.pupils:
        attend(pupil, "I" if pupil == cast.pupils[0] else "O", days=4)
    manager = cast.client("manager")
    page = manager.get(url(cast, "see_proposals")).content.decode()
    assert "Most of the absence is illness or appointments (8 of 8 sessions)" in page
    assert page.count("checked") == 4, "what has a warning is not chosen"
    chosen = [letter.pk for letter in letters[1:3]]
    manager.post(url(cast, "decide_letters"), {"letter": chosen, "decision": "approve"})
    refused = manager.post(url(cast, "decide_letters"), {"letter": [letters[0].pk], "decision": "drop"})
    assert refused.status_code == 422
    assert "Say why" in refused.content.decode()
    manager.post(url(cast, "decide_letters"), {"letter": [letters[0].pk], "decision": "drop", "reason": "Ill."})
    states = dict(Letter.objects.values_list("pk", "state"))
    assert [states[letter.pk] for letter in letters] == ["dropped", "approved", "approved", "proposed", "proposed"]


def test_every_warning_is_before_the_eyes_of_who_approves(cast, attend):
    """All that the record holds against a letter, on one child: each stands on the page, and none is chosen."""
    child, sibling = cast.pupils[:2]
    Pupil.objects.filter(pk=child.pk).update(sen_status="E", medical_note="Asthma")
    attend(child, "I", days=8)
    first, second = Mark.objects.filter(pupil=child, code=code_for("/", TODAY).number).order_by("day")[:2]
    Mark.objects.filter(pk=first.pk).update(code=code_for("N", TODAY).number)
    Mark.objects.filter(pk=second.pk).delete()
    father = ContactFactory(pupil=child, priority=2, forename="Omar", email="", mobile="", town="London")
    barred = ContactFactory(pupil=child, priority=3, forename="Tariq", email="", mobile="", postcode="N1 9ZZ")
    for kind, contact in (("bereavement", None), ("court_order", barred)):
        Sensitivity.objects.create(school=cast.school, pupil=child, kind=kind, contact=contact, start=TODAY)
    PlannedAbsence.objects.create(
        school=cast.school, pupil=child, kind="part_time", start=TODAY, end=TODAY, code=code_for("C2", TODAY).number,
        note="Mornings", noted_at=timezone.now(),
    )  # fmt: skip
    approve(cast, queue(cast), queue(cast, occasion=Occasion.CONGRATULATION))
    Letter.objects.filter(occasion="concern").update(dated=TODAY - timedelta(days=3))
    Contact.objects.filter(pupil=sibling).update(email=child.contacts.get(priority=1).email)
    queue(cast, pupil=sibling, occasion=Occasion.LATENESS)
    stern = queue(cast, occasion=Occasion.FORMAL_WARNING)
    again = queue(cast)
    page = unescape(cast.client("manager").get(url(cast, "see_proposals")).content.decode())
    for warning in (
        "There is a bereavement in the family.",
        f"A court order bars {barred.name}: no copy goes there.",
        "A court order is noted.",
        "Most of the absence is illness or appointments (16 of",
        f"{child.forename} has a medical note or plan: read it first.",
        f"{child.forename} has an education, health and care plan.",
        f"{child.forename} is on a part-time timetable.",
        "1 session stands without a reason (N): ask first.",
        "1 session stands without a mark.",
        "It contradicts the letter 'Improvement congratulated'",
        f"The family also gets 'Lateness' for {sibling.forename} (it waits for approval too).",
        "The same letter went on 8 March 2025.",
        f"The address of {father.name} is not complete.",
    ):
        assert warning in page, warning
    for letter in (stern, again):
        assert f'value="{letter.pk}" checked' not in page, "who wants it chooses it"
    Contact.objects.filter(pupil=child).update(parental_responsibility=False)
    page = unescape(cast.client("manager").get(url(cast, "see_proposals")).content.decode())
    assert "Nobody with parental responsibility receives letters." in page


def test_a_letter_is_found_by_pupil_occasion_day_and_status(cast, clock):
    concern = queue(cast)
    approve(cast, concern)
    rendering.render_due(school=cast.school)
    clock.shift(timedelta(days=2))
    late = queue(cast, pupil=cast.pupils[1], occasion=Occasion.LATENESS)
    manager = cast.client("manager")

    def found(**narrowed):
        page = manager.get(url(cast, "see_letters"), narrowed).content.decode()
        return [letter for letter in (concern, late) if f'href="{letter.get_absolute_url()}"' in page]

    assert found() == [concern, late]
    assert found(occasion="lateness") == [late]
    assert found(since="2025-03-12") == [late]
    assert found(until="2025-03-12") == [concern]
    assert found(since="2025-03-11", until="2025-03-13") == [concern, late]
    assert found(status="rendered") == [concern]
    assert found(status="proposed") == [late]
    assert found(status="sent") == []
    said = manager.post(url(cast, "see_letters"), {"name": cast.pupils[1].legal_surname}).content.decode()
    assert f'href="{late.get_absolute_url()}"' in said
    assert f'href="{concern.get_absolute_url()}"' not in said


def test_a_typo_in_a_field_is_refused_with_its_place_and_nothing_is_lost(cast):
    lead = cast.client("lead")
    lead.get(url(cast, "see_templates"))
    template = LetterTemplate.objects.get(occasion="concern")
    words = {
        "subject": "About {{forename}}",
        "body": "Dear {{salutation}},\n\n{{forname}} missed {{days_missed}}.",
        "seen": 1,
    }
    refused = lead.post(url(cast, "edit_template", template.pk), words)
    said = refused.content.decode()
    assert refused.status_code == 422
    assert "There is no field &#x27;forname&#x27; for this letter (line 3, column 1)." in said
    assert "Did you mean &#x27;forename&#x27;" in said
    assert "{{forname}} missed" in said
    words["body"] = words["body"].replace("forname", "forename")
    lead.post(url(cast, "edit_template", template.pk), words)
    assert template.versions.first().number == 2
    again = lead.post(url(cast, "edit_template", template.pk), words)
    assert "Somebody wrote version 2 meanwhile" in again.content.decode()
    assert cast.client("manager").post(url(cast, "edit_template", template.pk), words).status_code == 403
    lead.post(
        url(cast, "edit_template", template.pk) + "?language=bn",
        {"subject": "{{pupil}}", "body": "{{days_missed}}", "seen": 2},
    )
    assert template.versions.first().translations == {"bn": {"subject": "{{pupil}}", "body": "{{days_missed}}"}}


def test_the_preview_shows_a_pupil_and_writes_nothing(cast, attend):
    attend(cast.pupils[0], "N", days=3)
    lead = cast.client("lead")
    lead.get(url(cast, "see_templates"))
    template = LetterTemplate.objects.get(occasion="concern")
    given = {"subject": "x", "body": "{{pupil}} missed {{days_missed}} <b>", "pupil": cast.pupils[0].pk}
    said = lead.post(url(cast, "preview_template", template.pk), given).content.decode()
    assert f"<p>{cast.pupils[0].name} missed 3 days &lt;b&gt;</p>" in said
    said = lead.post(url(cast, "preview_template", template.pk), {**given, "body": "{{end}}"}).content.decode()
    assert "ends nothing" in said
    assert TemplateVersion.objects.filter(template=template).count() == 1


def test_a_print_run_with_its_tick_list(cast):
    letters = [queue(cast, pupil=pupil) for pupil in cast.pupils[:3]]
    approve(cast, *letters)
    rendering.render_due(school=cast.school)
    manager = cast.client("manager")
    run = manager.post(url(cast, "see_print_runs")).url
    pdf = manager.get(f"{run}pdf/").content
    pages = [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]
    assert "Letters to post" in pages[0]
    assert sum("Page 1 of" in page for page in pages) == 3
    both = PdfReader(BytesIO(manager.get(f"{run}pdf/?both-sides").content))
    assert len(both.pages) % 2 == 0
    copies = list(Copy.objects.order_by("place"))
    manager.post(run, {"copy": [copies[0].pk, copies[2].pk]})
    assert list(Copy.objects.order_by("pk").values_list("status", flat=True)).count("sent") == 2
    assert Copy.objects.to_print().get().pk == copies[1].pk
    returned = manager.post(url(cast, "note_returned", copies[0].pk), {"returned_on": "2025-03-14"})
    assert returned.status_code == 302
    assert Copy.objects.get(pk=copies[0].pk).status == "returned"


def test_envelopes_lie_in_the_order_of_the_street(cast):
    doors = [("10 Mill Lane", "N1 2AB"), ("2 Mill Lane", "N1 2AB"), ("2 Mill Lane", "N1 2AB"), ("1 Elm Row", "E2 8AA")]
    copies = [
        Copy(pk=number, addressee=f"Ms {'ZA'[number % 2]}", address=["Ms", street, "London", postcode])
        for number, (street, postcode) in enumerate(doors)
    ]
    assert [copy.pk for copy in sorted(copies, key=_envelope)] == [3, 1, 2, 0]


def test_a_served_letter_says_when_it_counts_as_received(cast):
    letter = queue(cast, occasion=Occasion.PENALTY_WARNING)
    approve(cast, letter)
    rendering.render_due(school=cast.school)
    manager = cast.client("manager")
    run = manager.post(url(cast, "see_print_runs")).url
    manager.post(run, {"copy": [letter.copies.get().pk]})
    assert letter.copies.get().served_on == date(2025, 3, 13)


def test_the_evidence_lock_offers_a_corrected_letter(cast, attend):
    attend(cast.pupils[0], "U", days=6)
    letter = queue(cast, occasion=Occasion.PENALTY_WARNING)
    approve(cast, letter)
    rendering.render_due(school=cast.school)
    before = rendering.stored(letter.copies.get())
    assert evidence.check_evidence(school=cast.school) == 0
    manager = cast.client("manager")
    amend(cast, cast.pupils[0], "M")
    assert evidence.check_evidence(school=cast.school) == 1
    assert evidence.check_evidence(school=cast.school) == 0
    page = manager.get(letter.get_absolute_url()).content.decode()
    assert "Unauthorised sessions this year: 12, now 11" in page
    manager.post(url(cast, "correct_letter", letter.pk))
    correction = Letter.objects.get(corrects=letter)
    assert "Corrects the letter of 11 March 2025" in correction.why
    approve(cast, correction)
    rendering.render_due(school=cast.school)
    assert "takes the place of our letter of 11 March 2025" in text_of(correction.copies.get()).replace("\n", " ")
    assert rendering.stored(letter.copies.get()) == before


def test_the_evidence_lock_minds_joined_siblings_whose_summary_is_enclosed(cast, attend):
    child, sibling = cast.pupils[:2]
    attend(sibling, "U", days=3)
    letter = queue(cast, pupil=child, siblings=[sibling])
    approve(cast, letter)
    assert evidence.check_evidence(school=cast.school) == 0
    amend(cast, sibling, "M")
    assert evidence.check_evidence(school=cast.school) == 1
    letter.refresh_from_db()
    assert letter.wrong == f"{sibling.forename}: Unauthorised sessions this year: 6, now 5"
    amend(cast, sibling, "U")
    assert evidence.check_evidence(school=cast.school) == 0
    letter.refresh_from_db()
    assert letter.wrong == "", "put right again"


def test_short_words_are_kept_with_a_version_and_checked(cast):
    lead = cast.client("lead")
    lead.get(url(cast, "see_templates"))
    template = LetterTemplate.objects.get(occasion="concern")
    words = {
        "subject": "About {{forename}}",
        "body": "Dear {{salutation}}",
        "short": "Ring us about {{nobody}}.",
        "seen": 1,
    }
    refused = lead.post(url(cast, "edit_template", template.pk), words)
    assert "There is no field &#x27;nobody&#x27; for this letter (line 1, column 15)." in refused.content.decode()
    assert (
        lead.post(url(cast, "edit_template", template.pk), {**words, "short": "Ring us about {{pupils}}."}).status_code
        == 302
    )
    assert template.versions.first().short == "Ring us about {{pupils}}."


def test_a_familys_file_as_one_pdf(cast):
    for occasion in (Occasion.CONCERN, Occasion.STAGE_1):
        approve(cast, queue(cast, occasion=occasion))
    rendering.render_due(school=cast.school)
    head = cast.client("head")
    assert "Stage 1" in head.get(url(cast, "see_correspondence", cast.pupils[0].pk)).content.decode()
    reader = PdfReader(BytesIO(head.get(url(cast, "export_correspondence", cast.pupils[0].pk)).content))
    contents, *letters = [item.title for item in reader.outline]
    assert contents.startswith("Correspondence about")
    assert [title.split(" ", 1)[1].split(",")[0] for title in letters] == ["Attendance concern", "Stage 1"]
    contents = reader.pages[0].extract_text()
    assert Copy.objects.first().pdf.sha256[:20] in contents.replace("\n", "")


def test_the_schedule_runs_once_a_half_term_and_can_be_switched_off(cast, attend):
    for pupil in cast.pupils[:2]:
        attend(pupil, "L", days=3)
    manager = cast.client("manager")
    page = manager.get(url(cast, "see_schedule")).content.decode()
    assert "Tuesday 22 April 2025" in page, "the first day of the next half-term"
    for _ in range(2):
        manager.post(url(cast, "change_schedule", "lateness"), {"run": "1"})
    assert Letter.objects.filter(occasion="lateness").count() == 2
    manager.post(url(cast, "change_schedule", "lateness"), {})
    assert ScheduleSetting.objects.get().is_on is False


def test_what_is_not_filled_in_yet_stands_in_brackets(cast, attend):
    """No "Please come on at .": who is to approve sees what is missing where it will stand, and who is written to."""
    letter = queue(cast, occasion=Occasion.MEETING)
    said = cast.client("manager").get(url(cast, "see_letter", letter.pk)).content.decode()
    assert "Please come on <b>[Day of the meeting]</b> at <b>[Time of the meeting]</b>" in said
    assert f"Dear Ms {cast.pupils[0].legal_surname}," in said
    assert "Fill in first: Day of the meeting, Time of the meeting." in unescape(said)
    cast.client("manager").post(
        url(cast, "give_values", letter.pk), {"meeting_day": "2025-03-20", "meeting_time": "09:30"}
    )
    said = cast.client("manager").get(url(cast, "see_letter", letter.pk)).content.decode()
    assert "<b>Thursday 20 March 2025</b>" in said
    assert "[" not in said.partition('class="lt-paper"')[2].partition("</article>")[0]
