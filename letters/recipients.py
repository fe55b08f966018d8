"""Who gets a copy: each parent with parental responsibility who receives letters, unless a court order says no.

Any parent with parental responsibility is to be told of a child's schooling (Education Act 1996 s.576; Children Act
1989 s.2(7)). Reading only.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from letters.models import Sensitivity
from registers.models import Contact
from registers.querysets import standing_on


@dataclass(frozen=True, slots=True)
class Recipient:
    """One parent as a letter needs her. `address` is what stands in the envelope's window, her name first."""

    contact_id: int
    addressee: str
    salutation: str
    address: list[str]
    email: str
    language: str

    @property
    def has_whole_address(self) -> bool:
        return len(self.address) >= 3 and self.address[-1] != ""


@dataclass(slots=True)
class Family:
    """A pupil's contacts as far as letters go: who gets one, whom a court order bars, and what is sensitive."""

    recipients: list[Recipient] = field(default_factory=list)
    barred: list[str] = field(default_factory=list)
    contacts: int = 0
    sensitivities: list[Sensitivity] = field(default_factory=list)


def families(pupil_ids: Collection[int], today: date) -> dict[int, Family]:
    """The families of these pupils. Two queries."""
    found: dict[int, Family] = defaultdict(Family)
    barred = set()
    for each in Sensitivity.objects.filter(standing_on(today), pupil__in=pupil_ids):
        found[each.pupil_id].sensitivities.append(each)
        if each.kind == Sensitivity.Kind.COURT_ORDER and each.contact_id:
            barred.add(each.contact_id)
    for contact in Contact.objects.filter(pupil__in=pupil_ids).order_by("pupil", "priority"):
        family = found[contact.pupil_id]
        family.contacts += 1
        if not contact.parental_responsibility or contact.receives_letters is False:
            continue
        if contact.pk in barred:
            family.barred.append(contact.name)
        else:
            family.recipients.append(recipient(contact))
    return found


def recipient(contact: Contact) -> Recipient:
    """A contact as the receiver of a letter."""
    lines = [contact.address_1, contact.address_2, contact.town, contact.postcode]
    salutation = f"{contact.title} {contact.surname}" if contact.title else contact.name
    return Recipient(
        contact_id=contact.pk,
        addressee=contact.name,
        salutation=salutation,
        address=[contact.name, *filter(None, (line.strip() for line in lines))] if contact.postcode else [contact.name],
        email=contact.email,
        language=contact.language,
    )
