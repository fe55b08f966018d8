"""A small school pack to change in tests: every file as text, written out when it is wanted."""

from pathlib import Path

SCHOOL = """\
[school]
urn = "123456"
laestab = "2011234"
name = "Oak Primary School"
phase = "primary"
type = "maintained"
local_authority = "Camden"
address = ["1 Example Road", "London"]
postcode = "N1 1AA"
telephone = "020 7946 0000"
email = "office@oak.example"
headteacher = "Ms A Head"
attendance_contact = "Mr B Manager"
attendance_target = 96.5
timezone = "Europe/London"

[times]
am_register = "09:00"
am_closes = "09:25"
pm_register = "13:00"
pm_closes = "13:15"
day_ends = "15:30"
parents_report_by = "08:45"
registers_due_by = "09:30"

[policy]
preset = "national"

[penalties]
count_n = true
"""
# For packs with pupils of any age; N is not counted to the penalty threshold.
ALL_THROUGH = SCHOOL.replace('"primary"', '"all-through"').replace("count_n = true", "count_n = false")

CALENDAR = """\
start,end,kind,label,session
2020-11-02,2020-11-13,HT2,,
2024-06-03,2024-07-19,HT6,,
2024-09-04,2024-10-25,HT1,,
2024-09-27,2024-09-27,inset,Training,
2024-10-04,2024-10-04,closure,Polling day,
2024-10-11,2024-10-11,closure,Boiler,PM
"""

# Ana is in Year 4 all along, Ben left and came back, Cleo is below compulsory school age.
ANA, BEN, CLEO = "M201123424001", "B201123424002", "Q201123424003"

PUPILS = f"""\
upn,legal_surname,legal_forename,preferred_forename,date_of_birth,sex,year_group,class_name,admission_date,leaving_date,\
leaving_ground,destination,ethnicity,eal,sen_status,fsm,social_worker,medical_note,boarder
{ANA},Silva,Ana Maria,Ana,2015-10-05,F,4,4A,2020-09-02,,,,Any other White background,Y,K,Y,,"Asthma; ""blue"" inhaler
in the office",N
{BEN},Okafor,Ben,,2014-11-20,M,5,5B,2024-09-04,2024-10-11,a,Elm School,Black African,N,N,N,Worker A,,N
{CLEO},Nguyen,Cleo,,2020-07-01,F,R,RA,2024-09-04,,,,,,,,,,
"""

REGISTRATIONS = f"""\
upn,admission_date,leaving_date,leaving_ground,destination,last_school
{BEN},2020-09-02,2024-06-28,a,Ash School,Fir Nursery
"""

CLASSES = f"""\
upn,class_name,start,end
{ANA},3A,2020-09-02,2024-08-31
{ANA},4A,2024-09-01,
"""

CONTACTS = f"""\
upn,priority,title,forename,surname,relationship,parental_responsibility,lives_with_pupil,mobile,email,receives_letters,\
notes
{ANA},1,Ms,Rosa,Silva,mother,Y,Y,07700 900123,rosa@home.example,Y,"Call after 3 pm, not before"
{ANA},2,,Luis,Silva,father,Y,N,07700 900124,,N,
{BEN},1,Mr,Chidi,Okafor,father,Y,Y,07700 900125,,Y,
"""

MARKS = f'''\
upn,date,session,code,minutes_late,note,taken_at,taken_by
{ANA},2020-11-02,AM,X,,,,
{ANA},2020-11-02,PM,X07,,,,
{ANA},2024-06-03,AM,/,,,2024-06-03T08:58:00+01:00,Ms T Teacher
{ANA},2024-06-03,PM,\\,,,,
{ANA},2024-09-04,AM,L,12,"Bus was late
and full, ""again""",2024-09-04T09:12:30+01:00,Ms T Teacher
{ANA},2024-09-04,PM,I,,,,
{ANA},2024-10-11,AM,O,,,,
{BEN},2024-06-03,AM,/,,,,
{BEN},2024-09-04,AM,N,,,,
{BEN},2024-09-04,PM,B,,Swimming,,
{CLEO},2024-09-04,AM,/,,,2024-09-04T09:01:00+01:00,Ms T Teacher
{CLEO},2024-09-04,PM,X,,,,
'''

AMENDMENTS = f"""\
upn,date,session,original,amended,reason,at,name,position
{ANA},2024-09-04,PM,N,I,"Mother rang, asthma",2024-09-05T10:00:00+01:00,Mr B Manager,Attendance manager
{ANA},2024-10-11,AM,,N,Register was lost,2024-10-14T11:00:00+01:00,Mr B Manager,Attendance manager
{ANA},2024-10-11,AM,N,O,No reason given,2024-10-21T09:30:15.250000+01:00,Mr B Manager,Attendance manager
"""

EARLIER_POLICY = """\
[policy]
preset = "tiers"
"""


class Pack:
    """The files by name; `change` edits one, `write` puts them into a folder."""

    def __init__(self) -> None:
        self.files = {
            "school.toml": SCHOOL,
            "policy-2023-09-01.toml": EARLIER_POLICY,
            "calendar.csv": CALENDAR,
            "pupils.csv": PUPILS,
            "registrations.csv": REGISTRATIONS,
            "classes.csv": CLASSES,
            "contacts.csv": CONTACTS,
            "marks.csv": MARKS,
            "amendments.csv": AMENDMENTS,
        }

    def change(self, name: str, old: str, new: str) -> "Pack":
        assert old in self.files[name], old
        self.files[name] = self.files[name].replace(old, new, 1)
        return self

    def add(self, name: str, line: str) -> "Pack":
        self.files[name] += line + "\n"
        return self

    def drop(self, name: str) -> "Pack":
        del self.files[name]
        return self

    def write(self, folder: Path, encoding: str = "utf-8") -> Path:
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, content in self.files.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return folder
