"""The files of a pack and their columns, in the order they are written (interchange.md)."""

from registers.calendar_rules import Kind
from registers.pack.columns import Column, choice, day, email, number, session, text, upn, yes_no

YEAR_GROUPS = ("N1", "N2", "R", *map(str, range(1, 15)))
GROUNDS = tuple("abcdefghijklmno")
NOTE_LENGTH = 500

CALENDAR = (
    Column("start", day, required=True),
    Column("end", day, required=True),
    Column("kind", choice(*Kind), required=True),
    Column("label", text(100)),
    Column("session", session),
)

SPELL = (
    Column("leaving_date", day),
    Column("leaving_ground", choice(*GROUNDS)),
    Column("destination", text(200)),
)

PUPILS = (
    Column("upn", upn, required=True),
    Column("former_upn", text(13)),
    Column("legal_surname", text(100), required=True),
    Column("legal_forename", text(100), required=True),
    Column("middle_names", text(200)),
    Column("preferred_surname", text(100)),
    Column("preferred_forename", text(100)),
    Column("date_of_birth", day, required=True),
    Column("sex", choice("F", "M"), required=True),
    Column("year_group", choice(*YEAR_GROUPS), required=True),
    Column("class_name", text(30)),
    Column("admission_date", day, required=True),
    *SPELL,
    Column("ethnicity", text(50)),
    Column("first_language", text(50)),
    Column("eal", yes_no),
    Column("sen_status", choice("N", "K", "E")),
    Column("fsm", yes_no),
    Column("fsm_ever6", yes_no),
    Column("pupil_premium", yes_no),
    Column("looked_after", yes_no),
    Column("previously_looked_after", yes_no),
    Column("adopted", yes_no),
    Column("service_child", yes_no),
    Column("young_carer", yes_no),
    Column("social_worker", text(100)),
    Column("child_protection", yes_no),
    Column("youth_offending", text(100)),
    Column("arp", yes_no),
    Column("vulnerable", yes_no),
    Column("medical_note", text(5000)),
    Column("boarder", yes_no),
)

REGISTRATIONS = (
    Column("upn", upn, required=True),
    Column("admission_date", day, required=True),
    *SPELL,
    Column("last_school", text(200)),
)

CLASSES = (
    Column("upn", upn, required=True),
    Column("class_name", text(30), required=True),
    Column("start", day, required=True),
    Column("end", day),
)

CONTACTS = (
    Column("upn", upn, required=True),
    Column("priority", number(1, 99), required=True),
    Column("title", text(20)),
    Column("forename", text(100)),
    Column("surname", text(100)),
    Column("relationship", text(50)),
    Column("parental_responsibility", yes_no),
    Column("lives_with_pupil", yes_no),
    Column("address_1", text(200)),
    Column("address_2", text(200)),
    Column("town", text(100)),
    Column("postcode", text(10)),
    Column("mobile", text(30)),
    Column("home_phone", text(30)),
    Column("work_phone", text(30)),
    Column("email", email),
    Column("receives_letters", yes_no),
    Column("language", text(50)),
    Column("notes", text(5000)),
)

# Marks and amendments stream past in millions: `marks` reads their values itself.
MARKS = ("upn", "date", "session", "code", "minutes_late", "note", "taken_at", "taken_by")
MARKS_REQUIRED = MARKS[:4]
AMENDMENTS = ("upn", "date", "session", "original", "amended", "reason", "at", "name", "position")
AMENDMENTS_REQUIRED = AMENDMENTS[:7]
