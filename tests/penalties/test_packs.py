"""The referral pack: what it still misses, its statement, and the file that is kept; other orders."""

import hashlib
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader
from weasyprint import HTML

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from casework.actions import cases
from casework.legal_checklist import CHECKLIST, Ticked
from letters.actions import queue_letter, rendering
from letters.actions.approving import approve_letters
from letters.models import Letter, StoredPdf
from letters.occasions import Occasion
from penalties.actions import packs
from penalties.models import Document, Order, Pack, PackItem
from penalties.pack_rules import WAIVABLE, PackFacts, Part, missing, percent_complete
from penalties.packs import gather, proposed_ticks
from registers.actions.amending import Wanted, amend_marks
from registers.calendar_rules import Session
from registers.facts import Slot
from registers.models import Contact, Entry, SchoolDay
from tests import factories
from tests.conftest import TODAY, Cast
from tests.factories import LONDON

FIRST = date(2025, 3, 3)
DONE = {key: Ticked("yes", FIRST) for key in CHECKLIST}


def facts(**values: Any) -> PackFacts:
    given = {
        "held": dict.fromkeys(Part, 1), "waived": {}, "ticked": DONE, "without_reason": 0, "unauthorised": 10,
        "unmarked": 0, "letters_unmade": 0, "is_signed": True, "is_holiday": False, **values,
    }  # fmt: skip
    return PackFacts(**given)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({}, None),
        ({"without_reason": 1}, Part.CERTIFICATE),
        ({"unauthorised": 0}, Part.CERTIFICATE),
        ({"unmarked": 2}, Part.CERTIFICATE),
        ({"letters_unmade": 1}, Part.LETTERS),
        ({"is_signed": False}, Part.STATEMENT),
        ({"ticked": DONE | {"voice": Ticked("no", FIRST)}}, Part.CHECKLIST),
        ({"ticked": DONE | {"voice": Ticked("yes")}}, Part.CHECKLIST),
        ({"ticked": DONE | {"health": Ticked("not applicable")}}, None),
        ({"held": {}, "waived": dict.fromkeys(WAIVABLE, "Because.")}, Part.LETTERS),
        ({"held": dict.fromkeys(set(Part) - {Part.LEAVE}, 1)}, None),
        ({"held": dict.fromkeys(set(Part) - {Part.LEAVE}, 1), "is_holiday": True}, Part.LEAVE),
        ({"held": dict.fromkeys(set(Part) - {Part.IMPROVEMENT}, 1)}, Part.IMPROVEMENT),
        ({"held": dict.fromkeys(set(Part) - {Part.IMPROVEMENT}, 1), "is_holiday": True}, None),
    ],
)
def test_what_a_pack_misses(changes: dict[str, Any], part: Part | None) -> None:
    found = missing(facts(**changes))
    assert (part in found) if part else not found
    assert (percent_complete(facts(**changes)) == 100) is not bool(found)


def enter(cast: Cast, contact: Contact, letter: str, first: date, last: date) -> None:
    """Marks as the office enters them, so that the record knows them."""
    days = SchoolDay.objects.filter(day__range=(first, last)).values_list("day", flat=True)
    known = {
        (day, session): version
        for day, session, version in contact.pupil.marks.values_list("day", "session", "entry_id")
    }
    wanted = [
        Wanted(Slot(contact.pupil_id, day, session), letter, known.get((day, session), 0))
        for day in days
        for session in Session
    ]
    amend_marks(school=cast.school, wanted=wanted, reason="Keyed.", by=cast.actor("office"), source=Entry.Source.PAPER)


@pytest.fixture
def pack(cast: Cast, clock: Any) -> Pack:
    clock.move_to(datetime(2025, 3, 11, 16, tzinfo=LONDON))
    contact: Contact = factories.ContactFactory(pupil=cast.pupils[0], address_1="2 Example Street", postcode="N1 2AA")
    enter(cast, contact, "O", FIRST, date(2025, 3, 7))
    enter(cast, contact, "N", date(2025, 3, 10), TODAY)
    return packs.begin(
        pupil=contact.pupil, contact=contact, route="444(1)", first=FIRST, last=TODAY, by=cast.actor("manager")
    )


def fill(cast: Cast, pack: Pack) -> None:
    by = cast.actor("manager")
    for part in (Part.LETTERS, Part.CONTACTS, Part.VOICE, Part.AGENCIES):
        packs.add_item(pack=pack, part=part, on=FIRST, title=f"About {part}", text="Words with café.", by=by)
    for part in (Part.MEETINGS, Part.PLAN, Part.IMPROVEMENT):
        packs.waive(pack=pack, part=part, why="The parents refused.", by=by)
    packs.tick(pack=pack, answers=DONE, by=by)
    head = cast.actor("head")
    packs.sign(pack=pack, statement="I am the headteacher.", signature=head.name, by=head)


def test_it_refuses_to_call_itself_complete_until_it_is(cast: Cast, pack: Pack) -> None:
    client = cast.client("manager")
    url = reverse("penalties:complete_pack", args=[cast.school.urn, pack.pk])
    page = client.post(url, follow=True).content.decode()
    assert "4 sessions have N, no reason yet" in page
    fill(cast, pack)
    assert "4 sessions have N" in client.post(url, follow=True).content.decode()
    draft = PdfReader(BytesIO(client.get(reverse("penalties:pack_pdf", args=[cast.school.urn, pack.pk])).content))
    assert all("DRAFT: NOT COMPLETE" in page.extract_text() for page in draft.pages)
    enter(cast, pack.contact, "U", date(2025, 3, 10), TODAY)
    page = client.post(url, follow=True).content.decode()
    pack = Pack.objects.get()
    assert (pack.completed_on, pack.document.sha256 in page) == (TODAY, True)
    assert AuditRow.objects.filter(verb="complete_pack", summary__contains=pack.document.sha256).exists()


def test_the_checklist_begins_with_what_the_record_says(cast: Cast, pack: Pack) -> None:
    cases.open_case(
        pupil=pack.pupil, lead_id=cast.people["manager"].pk, concern="x", voice="I am tired.", today=FIRST,
        by=cast.actor("manager"),
    )  # fmt: skip
    packs.tick(pack=pack, answers={"told": Ticked("no"), "voice": Ticked()}, by=cast.actor("manager"))
    pack.refresh_from_db()
    assert proposed_ticks(pack) == {"told": Ticked("no"), "voice": Ticked("yes", FIRST)}


def test_the_file_is_tagged_bookmarked_and_whole(cast: Cast, pack: Pack) -> None:
    enter(cast, pack.contact, "U", date(2025, 3, 10), TODAY)
    fill(cast, pack)
    packs.complete(pack=pack, by=cast.actor("manager"))
    client = cast.client("manager")
    reader = PdfReader(BytesIO(client.get(reverse("penalties:pack_pdf", args=[cast.school.urn, pack.pk])).content))
    root = reader.trailer["/Root"]
    assert "/StructTreeRoot" in root
    titles = [each["/Title"] for each in reader.outline if not isinstance(each, list)]
    assert titles == ["Contents"] + [f"{n}. {part.heading}" for n, part in enumerate(Part, 1)]
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for words in ("Words with café.", "The parents refused.", "14 sessions, each with its code", "Check value:"):
        assert words in text
    assert "DRAFT" not in text
    assert "no reason yet" not in text
    figures = client.get(reverse("penalties:pack_csv", args=[cast.school.urn, pack.pk])).content.decode("utf-8-sig")
    assert figures.count("unauthorised absence") == 14
    with pytest.raises(Refused):
        packs.waive(pack=pack, part=Part.MEETINGS, why="x", by=cast.actor("manager"))


def test_only_the_head_signs_with_her_own_name(cast: Cast, pack: Pack) -> None:
    url = reverse("penalties:sign_statement", args=[cast.school.urn, pack.pk])
    assert cast.client("manager").get(url).status_code == 403
    page = cast.client("head").get(url).content.decode()
    assert "10 sessions of unauthorised absence" in page
    values = {"statement": "So it is.", "signature": "Another"}
    assert cast.client("head").post(url, values).status_code == 422


def test_an_order_with_its_letter(cast: Cast, pack: Pack) -> None:
    url = reverse("penalties:add_order", args=[cast.school.urn, pack.pupil_id])
    values = {
        "kind": "contract", "asked_on": "2025-03-10", "made_on": "2025-03-11", "ends_on": "2025-04-11",
        "parents_do": "At the gate by 8.50.", "school_do": "Breakfast club.", "with_letter": "on",
    }  # fmt: skip
    assert cast.client("manager").post(url, values).status_code == 302
    letter = Letter.objects.get()
    assert (letter.occasion, letter.contacts) == ("contract", []), "the family as a whole"
    wrong = cast.client("manager").post(url, values | {"made_on": "2025-03-09"})
    assert wrong.status_code == 422
    page = cast.client("lead").get(reverse("penalties:see_family", args=[cast.school.urn, pack.pupil_id]))
    assert "Attendance contract: made" in page.content.decode()
    assert str(Order.objects.get()) == "Attendance contract"
    assert cast.client("manager").post(url, values | {"contact": pack.contact_id}).status_code == 302
    assert Letter.objects.exclude(pk=letter.pk).get().contacts == [pack.contact_id]


@pytest.mark.django_db(transaction=True)
def test_the_papers_stand_behind_it_page_by_page(cast: Cast, pack: Pack) -> None:
    """The letter as it was sent to this parent alone, and a file somebody uploaded."""
    mother, pupil = pack.contact, pack.pupil
    father = factories.ContactFactory(pupil=pupil, priority=2, forename="Omar", address_1="9 Far Street")
    for parent in (mother, father):
        queued = queue_letter(
            school=cast.school, pupil=pupil, occasion=Occasion.STAGE_1, by=cast.actor("manager"), why="x",
            contacts=[parent.pk],
        )  # fmt: skip
        approve_letters(school=cast.school, letters=[queued.pk], roles={"head"}, by=cast.actor("manager"))
    assert "is being made" in str(missing(gather(pack).facts))
    rendering.render_due(school=cast.school)
    client = cast.client("manager")
    url = reverse("penalties:add_item", args=[cast.school.urn, pack.pk, "agencies"])
    values = {"on": "2025-03-05", "title": "Letter of the clinic", "text": ""}
    nothing = client.post(url, values)
    assert (nothing.status_code, "Write its words, or choose a file." in nothing.content.decode()) == (422, True)
    wrong = client.post(url, values | {"file": SimpleUploadedFile("a.docx", b"PK")})
    assert "This file is no PDF, JPEG or PNG." in wrong.content.decode()
    scan = HTML(string="<p>Seen at the clinic on 3 March.</p>").write_pdf()
    assert client.post(url, values | {"file": SimpleUploadedFile("scan.pdf", scan)}).status_code == 302
    item = PackItem.objects.get()
    assert hashlib.sha256(scan).hexdigest() in item.received
    shown = client.get(reverse("penalties:item_pdf", args=[cast.school.urn, item.pk]))
    assert shown.content == bytes(item.document.content)

    found = gather(pack)
    assert [(piece.exhibit, piece.title) for piece in found.papers] == [(1, "Stage 1 letter"), (2, item.title)]
    whole = client.get(reverse("penalties:pack_pdf", args=[cast.school.urn, pack.pk])).content
    reader = PdfReader(BytesIO(whole))
    letter, _, clinic = (" ".join(page.extract_text().split()) for page in reader.pages[-3:])
    assert "Exhibit 1: Stage 1 letter" in letter
    assert mother.surname in letter
    assert "Far Street" not in letter
    assert "Seen at the clinic on 3 March." in clinic
    assert f"Page {len(reader.pages)} of {len(reader.pages)}" in clinic
    text = " ".join(page.extract_text() for page in reader.pages)
    stored = StoredPdf.objects.get(copy__contact_id=mother.pk)
    for sha256 in (stored.sha256, item.document.sha256):
        assert sha256 in "".join(text.split())
    said = "Exhibit 2, Letter of the clinic, page 1 of 1. Its words: Seen at the clinic"
    assert any(said in alt for alt in _alts(reader))
    client.post(reverse("penalties:remove_item", args=[cast.school.urn, item.pk]))
    assert not Document.objects.exists(), "what is taken out is not kept"


def _alts(reader: PdfReader) -> list[str]:
    """What a screen reader says of each figure."""
    found, left, seen = [], [reader.trailer["/Root"]["/StructTreeRoot"]], set()
    while left:
        each = left.pop().get_object()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, dict):
            found += [each["/Alt"]] if "/Alt" in each else []
            kids = each.get("/K", [])
            left += kids if isinstance(kids, list) else [kids]
    return found
