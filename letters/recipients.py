"""Who gets a copy: each parent with parental responsibility who receives letters, unless a court order says no.

Any parent with parental responsibility is to be told of a child's schooling (Education Act 1996 s.576; Children Act
1989 s.2(7)). Reading only.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date

from letters.models import Sensitivity
from letters.sending_rules import is_mobile
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
    mobile: str
    language: str

    @property
    def has_whole_address(self) -> bool:
        return len(self.address) >= 3 and self.address[-1] != ""


@dataclass(slots=True)
class Family:
    """A pupil's contacts as far as letters go: who gets one, who could, whom a court order bars, what is sensitive."""

    recipients: list[Recipient] = field(default_factory=list)
    others: list[Recipient] = field(default_factory=list)
    barred: list[str] = field(default_factory=list)
    contacts: int = 0
    sensitivities: list[Sensitivity] = field(default_factory=list)

    def of(self, contacts: Collection[int]) -> "Family":
        """The family as a letter to these contacts only sees it; to nobody in particular, as it is.

        Who is named gets the letter though she has no parental responsibility (a parent is also who has the care of
        the child: Education Act 1996 s.576(1)) or takes no letters; never against a court order.
        """
        if not contacts:
            return self
        named = [each for each in (*self.recipients, *self.others) if each.contact_id in contacts]
        return replace(self, recipients=named)


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
        gets_letters = contact.parental_responsibility and contact.receives_letters is not False
        if contact.pk not in barred:
            (family.recipients if gets_letters else family.others).append(recipient(contact))
        elif gets_letters:
            family.barred.append(contact.name)
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
        mobile=contact.mobile if is_mobile(contact.mobile) else "",
        language=contact.language,
    )
