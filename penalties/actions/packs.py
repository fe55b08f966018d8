"""Begin a referral pack, fill it, sign its statement, complete it; record other orders."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Length

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.spreadsheets import as_csv
from casework.legal_checklist import CHECKLIST, Ticked
from penalties import judging
from penalties.actions.decisions import lock
from penalties.models import Document, Order, Pack, PackItem
from penalties.pack_rules import ENTERED, WAIVABLE, Part
from penalties.packs import gather, pack_paper
from penalties.papers import keep
from penalties.uploads import LARGEST_PACK, Cleaned
from registers.actions.certificates import issue_certificate
from registers.certificate import CSV_HEADER, csv_lines
from registers.models import Contact, Pupil


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody gave it: its name, the hash of its bytes (sha256, hex), and what may be kept of it."""

    name: str
    sha256: str
    cleaned: Cleaned


@transaction.atomic
def begin(*, pupil: Pupil, contact: Contact, route: str, first: date, last: date, by: Actor) -> Pack:
    """Begin a pack about one parent. Raises Refused when one is open."""
    lock(pupil)
    today = clock.today(pupil.school)
    reasons = []
    if contact.pupil_id != pupil.pk or not judging.is_parent(contact):
        reasons.append("This person is not recorded as a parent of the child (5.6).")
    if last < first or last > today:
        reasons.append("Give the first and the last day, today at the latest.")
    if Pack.objects.filter(contact=contact, completed_on=None, dropped_on=None).exists():
        reasons.append("A pack about this parent is open already.")
    if reasons:
        raise Refused(reasons)
    pack = Pack.objects.create(
        school_id=pupil.school_id, pupil=pupil, contact=contact, route=route, first=first, last=last,
        begun_on=today, begun_by_id=by.user_id,
    )  # fmt: skip
    record("begin_pack", pack, f"Began a referral pack about {contact}: {pack.get_route_display()}.", by)
    return pack


def _open(pack: Pack) -> Pack:
    lock(pack.pupil)
    pack = Pack.objects.select_related("pupil__school", "contact", "school").get(pk=pack.pk)
    if not pack.is_open:
        raise Refused(["The pack is closed: what was sent stays as it was."])
    return pack


@transaction.atomic
def add_item(
    *, pack: Pack, part: str, on: date, title: str, text: str, by: Actor, upload: Upload | None = None
) -> PackItem:
    """Add to a part what the record does not hold: words, a file, or both. Raises Refused."""
    pack = _open(pack)
    reasons = []
    if part not in ENTERED or on > clock.today(pack.pupil.school):
        reasons.append("Choose a part to which something can be added, and a day that has come.")
    if not text.strip() and upload is None:
        reasons.append("Write its words, or choose a file.")
    held = PackItem.objects.filter(pack=pack).aggregate(size=Sum(Length("document__content")))["size"] or 0
    if upload and held + len(upload.cleaned.content) > LARGEST_PACK:
        reasons.append("The files of a pack may be 60 MB together. Take one out, or scan it smaller.")
    if reasons:
        raise Refused(reasons)
    PackItem.objects.filter(pack=pack, part=part, is_waiver=True).delete()
    values: dict[str, object] = {"on": on, "title": title, "text": text}
    if upload:
        values["document"] = keep(title, upload.cleaned.content, pack.pupil.school, by)
        values["received"] = f"{upload.name[:200]}, SHA-256 {upload.sha256}"
    return _item(pack, part, by, **values)


@transaction.atomic
def waive(*, pack: Pack, part: str, why: str, by: Actor) -> PackItem:
    """Leave a part out, with the reason that is printed in its place. Raises Refused."""
    pack = _open(pack)
    if part not in WAIVABLE:
        raise Refused(["This part cannot be left out."])
    PackItem.objects.filter(pack=pack, part=part, is_waiver=True).delete()
    return _item(pack, part, by, text=why, is_waiver=True)


def _item(pack: Pack, part: str, by: Actor, **values: object) -> PackItem:
    item = PackItem.objects.create(
        school_id=pack.school_id, pack=pack, part=part, noted_on=clock.today(pack.pupil.school),
        noted_by_id=by.user_id, **values,
    )  # fmt: skip
    left_out = "Left out of" if item.is_waiver else "Added to"
    record("fill_pack", pack, f"{left_out} the referral pack: {Part(part).heading}.", by)
    return item


@transaction.atomic
def remove_item(*, item: PackItem, by: Actor) -> None:
    """Take something out again. Raises Refused once the pack is closed."""
    pack = _open(item.pack)
    PackItem.objects.filter(pk=item.pk).delete()
    if item.document_id:
        Document.objects.filter(pk=item.document_id).delete()
    record("fill_pack", pack, f"Took out of the referral pack: {item.get_part_display()}.", by)


@transaction.atomic
def tick(*, pack: Pack, answers: dict[str, Ticked], by: Actor) -> None:
    """Answer the checklist. Raises Refused for a day to come."""
    pack = _open(pack)
    today = clock.today(pack.pupil.school)
    if any(each.on and each.on > today for each in answers.values()):
        raise Refused(["A day of the checklist lies ahead."])
    kept = {key: [answers[key].answer, f"{answers[key].on or ''}"] for key in CHECKLIST if key in answers}
    Pack.objects.filter(pk=pack.pk).update(checklist=kept)
    done = sum(answers[key].is_done for key in kept)
    record("tick_pack", pack, f"Answered the checklist: {done} of {len(CHECKLIST)} lines done.", by)


@transaction.atomic
def sign(*, pack: Pack, statement: str, signature: str, by: Actor) -> None:
    """The headteacher signs the statement with her name. Raises Refused."""
    pack = _open(pack)
    if not by.user_id or " ".join(signature.split()).casefold() != by.name.casefold():
        raise Refused(["Sign with your own name."])
    Pack.objects.filter(pk=pack.pk).update(
        statement=statement,
        signed_on=clock.today(pack.pupil.school),
        signed_by=by.user_id,
        signed_as=str(by),
    )
    record("sign_pack", pack, f"Signed the statement of the referral pack: {by.name}.", by)


@transaction.atomic
def complete(*, pack: Pack, by: Actor) -> Pack:
    """Complete the pack: a numbered certificate is issued, and PDF and figures are kept with their hashes.

    Raises Refused with everything that is missing.
    """
    School.objects.select_for_update(no_key=True).get(pk=pack.school_id)  # before the child: issue_certificate holds it
    pack = _open(pack)
    if misses := gather(pack).misses:
        raise Refused(misses)
    issued = issue_certificate(pupil=pack.pupil, first=pack.first, last=pack.last, by=by)
    found = gather(pack, issued)
    if found.misses:
        raise Refused(found.misses)
    school = pack.pupil.school
    document = keep(f"Referral pack {found.number}", pack_paper(found, by), school, by)
    figures = keep(f"Figures {found.number}", as_csv(CSV_HEADER, csv_lines(found.register)), school, by)
    pack.document, pack.figures, pack.completed_on = document, figures, clock.today(school)
    pack.save(update_fields=["document", "figures", "completed_on"])
    said = f"Completed the referral pack: SHA-256 {document.sha256}, figures {figures.sha256}."
    record("complete_pack", pack, said, by)
    return pack


@transaction.atomic
def drop(*, pack: Pack, why: str, by: Actor) -> None:
    """Give the pack up. Raises Refused once it is complete."""
    pack = _open(pack)
    if not why.strip():
        raise Refused(["Say why."])
    Pack.objects.filter(pk=pack.pk).update(dropped_on=clock.today(pack.pupil.school))
    record("drop_pack", pack, f"Gave up the referral pack. {why}", by)


@transaction.atomic
def record_order(*, order: Order, by: Actor) -> Order:
    """Record another order, or its change. Raises Refused for days out of order."""
    lock(order.pupil)
    if order.made_on and order.made_on < order.asked_on:
        raise Refused(["It was made before it was asked for."])
    if order.ends_on and (order.made_on is None or order.ends_on < order.made_on):
        raise Refused(["It ends before it was made."])
    is_new = order.pk is None
    if is_new:
        order.noted_on, order.noted_by_id = clock.today(order.pupil.school), by.user_id
    order.save()
    days = f"asked for on {order.asked_on:%-d %B %Y}"
    days += f", made on {order.made_on:%-d %B %Y}" if order.made_on else ""
    days += f", to {order.ends_on:%-d %B %Y}" if order.ends_on else ""
    said = f"{'Recorded' if is_new else 'Changed'}: {order}, {days}. {order.outcome}".strip()
    audit.record("record_order", order, school_id=order.school_id, by=by, summary=said, pupil_id=order.pupil_id)
    return order


def record(verb: str, pack: Pack, summary: str, by: Actor) -> None:
    audit.record(verb, pack, school_id=pack.school_id, by=by, summary=summary, pupil_id=pack.pupil_id)
