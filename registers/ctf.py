"""Read a DfE Common Transfer File: pupils, contacts, SEN and attendance summaries, by the names of its elements.

Names differ between yearly versions, so an element is looked for under each name it has had, whatever its namespace or
case; what nobody asked for is listed, not refused. Entities, DTDs and the network are off. Knows no database.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from lxml import etree

from registers import ages
from registers.calendar_rules import academic_year_of
from registers.pack import columns, files
from registers.pack.faults import Faults
from registers.upn import why_not_upn

LARGEST = 100_000_000
# Codes of earlier versions: school action and school action plus became SEN support, a statement became a plan.
SEN = {"N": "N", "K": "K", "A": "K", "P": "K", "E": "E", "S": "E"}
TRUE, FALSE = {"Y", "YES", "TRUE", "1"}, {"N", "NO", "FALSE", "0"}
_DTD = "declares a document type (DTD), which a Common Transfer File never does; it is refused unread"
PHONES = {"M": "mobile", "H": "home_phone", "W": "work_phone", "D": "work_phone"}


@dataclass(slots=True)
class CtfPupil:
    """One pupil of the file; `values` are by the names of Pupil's fields, and hold only what the file says."""

    line: int
    values: dict[str, Any]
    contacts: list[dict[str, Any]] = field(default_factory=list)
    years: list[dict[str, Any]] = field(default_factory=list)
    last_school: str = ""

    @property
    def upn(self) -> str:
        return self.values["upn"]


@dataclass(slots=True)
class Ctf:
    """What a file holds. `meant_for`: the LAESTAB of the school it was made for, empty where it names none.

    `unused`: paths of elements that were not used, and how often each stands there.
    """

    version: str
    source: str
    meant_for: str
    pupils: list[CtfPupil]
    unused: Counter[str]


def read_ctf(path: Path, faults: Faults, today: date) -> Ctf | None:
    """Read a file; None when it is no Common Transfer File. Faults name the file, the line and the element."""
    root = _parse(path, faults)
    if root is None:
        return None
    reader = _Reader(path.name, faults)
    if _name(root) != "ctfile":
        faults.add(path.name, f"is not a Common Transfer File: it begins with <{etree.QName(root).localname}>", line=1)
        return None
    header = reader.child(root, "Header")
    version, source, meant_for = "", "", ""
    if header is not None:
        version = reader.text(header, "CTFversion")
        school = reader.child(header, "SourceSchool")
        source = reader.text(school, "SchoolName") if school is not None else ""
        meant_for = _number(reader, reader.child(header, "DestSchool"))
    found = [reader.pupil(each, today) for each in reader.all(root, "CTFpupilData/Pupil")]
    if not found:
        faults.add(path.name, "holds no pupil (CTFpupilData/Pupil)")
    pupils = [pupil for pupil in found if pupil]
    for upn, count in Counter(pupil.upn for pupil in pupils).items():
        if count > 1:
            line = [pupil.line for pupil in pupils if pupil.upn == upn][1]
            faults.add(path.name, f"{upn} stands in the file {count} times", line=line, column="UPN")
    return Ctf(version, source, meant_for, pupils, reader.unused(root))


def _number(reader: "_Reader", school: etree._Element | None) -> str:
    """A school's LAESTAB; empty for the letters that stand for one that is not known (LLL LLLL, MMM MMMM)."""
    number = reader.text(school, "LEA") + reader.text(school, "Estab") if school is not None else ""
    return number if re.fullmatch(r"[0-9]{7}", number) else ""


def _parse(path: Path, faults: Faults) -> etree._Element | None:
    if path.stat().st_size > LARGEST:
        faults.add(path.name, f"the file is larger than {LARGEST // 1_000_000} MB")
        return None
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        collect_ids=False,
    )
    try:
        tree = etree.parse(str(path), parser)
    except OSError:  # the parser was asked for the network
        faults.add(path.name, _DTD, line=1)
        return None
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        if "ntit" in str(error.msg):  # an entity, or its amplification
            faults.add(path.name, "declares or uses entities, which a Common Transfer File never does", line=line)
        else:
            faults.add(path.name, f"is not well-formed XML: {str(error.msg).split(', line')[0]}", line=line)
        return None
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        faults.add(path.name, _DTD, line=1)
        return None
    return tree.getroot()


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower()


class _Reader:
    """Takes elements by name, and remembers which it took."""

    def __init__(self, file: str, faults: Faults) -> None:
        self._file, self._faults = file, faults
        self._used: set[etree._Element] = set()

    def all(self, parent: etree._Element, path: str) -> list[etree._Element]:
        """Every element at a path of names below a parent."""
        found = [parent]
        for name in path.lower().split("/"):
            found = [each for one in found for each in one.iterchildren(etree.Element) if _name(each) == name]
        self._used.update(found)
        return found

    def child(self, parent: etree._Element, *paths: str) -> etree._Element | None:
        """The first element that stands under one of the names it has had."""
        return next((found[0] for path in paths if (found := self.all(parent, path))), None)

    def text(self, parent: etree._Element, *paths: str) -> str:
        found = self.child(parent, *paths)
        return " ".join((found.text or "").split()) if found is not None else ""

    def day(self, parent: etree._Element, *paths: str) -> date | None:
        value = self.text(parent, *paths)
        try:
            return columns.day(value[:10]) if value else None
        except ValueError as error:
            self._fault(parent, paths[0], str(error))
            return None

    def number(self, parent: etree._Element, name: str) -> int | None:
        value = self.text(parent, name)
        try:
            return columns.number(0, 2000)(value) if value else None
        except ValueError as error:
            self._fault(parent, name, str(error))
            return None

    def flag(self, parent: etree._Element, *paths: str) -> bool | None:
        value = self.text(parent, *paths).upper()
        return True if value in TRUE else False if value in FALSE else None

    def _fault(self, element: etree._Element, name: str, sentence: str) -> None:
        self._faults.add(self._file, sentence, line=element.sourceline or 0, column=name)

    def unused(self, root: etree._Element) -> Counter[str]:
        """The elements with a value of their own that nobody took."""
        unused: Counter[str] = Counter()
        for element in root.iter(etree.Element):
            if element not in self._used and (element.text or "").strip():
                names = [etree.QName(each).localname for each in (*reversed(list(element.iterancestors())), element)]
                unused["/".join(names[1:])] += 1
        return unused

    def pupil(self, element: etree._Element, today: date) -> CtfPupil | None:
        """One pupil, or None when what the admission register needs is missing or wrong."""
        before = self._faults.count
        basic = self.child(element, "BasicDetails")
        basic = element if basic is None else basic
        values: dict[str, Any] = {
            "upn": self.text(element, "UPN"),
            "former_upn": self.text(element, "FormerUPN"),
            "legal_surname": self.text(element, "Surname", "LegalSurname", "BasicDetails/Surname"),
            "legal_forename": self.text(element, "Forename", "LegalForename", "BasicDetails/Forename"),
            "date_of_birth": self.day(element, "DOB", "DateOfBirth", "BasicDetails/DOB"),
            "sex": self.text(element, "Sex", "Gender", "BasicDetails/Sex", "BasicDetails/Gender").upper()[:1],
            "middle_names": self.text(basic, "MiddleNames"),
            "preferred_surname": self.text(basic, "PreferredSurname"),
            "preferred_forename": self.text(basic, "PreferredForename"),
            "ethnicity": self.text(basic, "Ethnicity"),
            "first_language": self._language(basic),
            "eal": self.flag(basic, "EAL"),
            "sen_status": self._sen(element, basic),
            "fsm": self._fsm(element),
        }
        if reason := why_not_upn(values["upn"]):
            self._fault(element, "UPN", reason)
        for column, name in (("legal_surname", "Surname"), ("legal_forename", "Forename")):
            if not values[column]:
                self._fault(element, name, "is missing")
        for each in files.PUPILS:
            value = values.get(each.name)
            try:
                if isinstance(value, str) and value and each.name not in ("upn", "sex"):
                    each.parse(value)
            except ValueError as error:
                self._fault(element, each.name, str(error))
        if values["sex"] not in ("F", "M"):
            self._fault(element, "Sex", f"{columns.shown(values['sex'])} is not one of F, M")
        born = values["date_of_birth"]
        if born is None and self.child(element, "DOB", "DateOfBirth", "BasicDetails/DOB") is None:
            self._fault(element, "DOB", "is missing")
        elif born and not date(1900, 1, 1) <= born <= today:
            self._fault(element, "DOB", f"{born} cannot be a date of birth")
        if self._faults.count > before:
            return None
        values["year_group"] = self._year_group(basic, values["date_of_birth"], today)
        return CtfPupil(
            line=element.sourceline or 0,
            values={name: value for name, value in values.items() if value not in ("", None)},
            contacts=list(self._contacts(element)),
            years=list(self._years(element)),
            last_school=self._last_school(element),
        )

    def _year_group(self, basic: etree._Element, born: date, today: date) -> str:
        """The year the file says, else the one of the child's age."""
        told = self.text(basic, "NCyearActual", "NCYearActual").upper()
        if told in files.YEAR_GROUPS:
            return told
        age = ages.age_on(born, date(academic_year_of(today), 8, 31))
        return files.YEAR_GROUPS[min(max(age - 2, 0), len(files.YEAR_GROUPS) - 1)]

    def _language(self, basic: etree._Element) -> str:
        languages = self.all(basic, "Languages/Language") or self.all(basic, "Languages/Type")
        codes = [self.text(each, "LanguageCode", "Language", "Code") for each in languages]
        for each in languages:
            self.text(each, "LanguageType", "Type")
        return next(filter(None, codes), "") or self.text(basic, "Language", "FirstLanguage")

    def _sen(self, element: etree._Element, basic: etree._Element) -> str:
        names = ("SENprovision", "SEN/SENprovision", "SENstatus", "SEN")
        told = self.text(basic, *names) or self.text(element, *names)
        return SEN.get(told.upper()[:1], "")

    def _fsm(self, element: etree._Element) -> bool | None:
        spells = self.all(element, "FSMhistory/FSMinstance") or self.all(element, "FSMhistory/FSMhistoryInstance")
        ends = [self.day(spell, "FSMendDate", "EndDate") for spell in spells]
        for spell in spells:
            self.day(spell, "FSMstartDate", "StartDate")
        return any(end is None for end in ends) if spells else None

    def _contacts(self, element: etree._Element) -> Iterator[dict[str, Any]]:
        for place, each in enumerate(self.all(element, "Contacts/Contact"), 1):
            told = self.text(each, "Order")
            responsibility = self.text(each, "Responsibility").upper()[:1]
            contact = {
                "priority": int(told) if re.fullmatch("[1-9][0-9]?", told) else place,
                "title": self.text(each, "Title")[:20],
                "surname": self.text(each, "Surname")[:100],
                "forename": self.text(each, "Forename")[:100],
                "relationship": self.text(each, "Relationship")[:50],
                "parental_responsibility": {"Y": True, "P": True, "1": True, "N": False, "0": False}.get(
                    responsibility
                ),
                "lives_with_pupil": self.flag(each, "AddressAsPupil", "LivesWithPupil"),
                **self._address(each),
                **self._phones(each),
                "email": self._email(each),
            }
            if contact["surname"] or contact["forename"]:
                yield contact

    def _address(self, contact: etree._Element) -> dict[str, str]:
        address = self.child(contact, "Address/BS7666Address", "Address/AddressLines", "Address")
        if address is None:
            return {}
        outer = self.child(contact, "Address")
        postcode = self.text(address, "PostCode", "Postcode")
        if outer is not None and not postcode:
            postcode = self.text(outer, "PostCode", "Postcode")
        lines = [self.text(address, f"AddressLine{n}", f"Line{n}") for n in range(1, 6)]
        house = [self.text(address, name) for name in ("SAON", "PAON", "Street")]
        first = " ".join(filter(None, house)) or lines[0]
        town = self.text(address, "Town", "AdministrativeArea") or lines[2]
        second = self.text(address, "Locality") or lines[1]
        return {
            "address_1": first[:200],
            "address_2": second[:200],
            "town": town[:100],
            "postcode": postcode[:10],
        }

    def _phones(self, contact: etree._Element) -> dict[str, str]:
        phones: dict[str, str] = {}
        for phone in self.all(contact, "Phones/Phone"):
            kind = PHONES.get(self.text(phone, "TelephoneType", "PhoneType", "Type").upper()[:1], "home_phone")
            number = self.text(phone, "PhoneNo", "TelephoneNumber", "Number", "PhoneNumber")[:30]
            if number:
                phones.setdefault(kind, number)
        return phones

    def _email(self, contact: etree._Element) -> str:
        email = self.text(contact, "Email", "EmailAddress")
        try:
            return columns.email(email) if email else ""
        except ValueError as error:
            self._fault(contact, "Email", str(error))
            return ""

    def _years(self, element: etree._Element) -> Iterator[dict[str, Any]]:
        for year in self.all(element, "Attendance/YearData"):
            told = self.text(year, "Year", "AcademicYear")[:4]
            if not re.fullmatch("(19|20)[0-9]{2}", told):
                self._fault(year, "Year", f"{columns.shown(told)} is not a year")
                continue
            sessions = self.child(year, "AttendSessions")
            yield {
                "academic_year": int(told),
                "laestab": (self.text(year, "LEA") + self.text(year, "Estab"))[:7],
                "school_name": self.text(year, "SchoolName")[:200],
                "possible": self.number(year, "SessionsPossible"),
                "attended": self.number(year, "SessionsAttended"),
                "authorised": self.number(year, "SessionsAuthorised"),
                "unauthorised": self.number(year, "SessionsUnauthorised"),
                "marks_start": None if sessions is None else self.day(sessions, "AttendanceStartDate"),
                "marks": "" if sessions is None else self.text(sessions, "AttendanceMarks").replace(" ", ""),
            }

    def _last_school(self, element: etree._Element) -> str:
        schools = [
            (
                bool(self.flag(each, "LastSchool")),
                self.day(each, "LeavingDate") or date.max,
                self.day(each, "EntryDate") or date.min,
                self.text(each, "SchoolName")[:200],
            )
            for each in self.all(element, "SchoolHistory/School")
        ]
        return max(schools)[-1] if schools else ""
