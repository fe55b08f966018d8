"""A trust for the benches: schools x 400 pupils, x 380 sessions a year, any number of years kept before this one.

Marks are written in the order schools write them, day by day and class by class, oldest year first, so that table and
keys lie on disk as they would. The triggers that count them are off meanwhile; all are counted by one statement at the
end, as the migration that brought the counts did.
"""

from datetime import date, timedelta

from bench.marks_layout import CODE, PRESENT, PUPILS

CLASSES = 14
FIRST, LAST = date(2024, 9, 2), date(2025, 5, 23)  # of this year: 38 whole weeks, 190 days
CHRISTMAS = date(2024, 12, 23)
A_YEAR = timedelta(weeks=52)

PEOPLE = """
INSERT INTO registers_pupil (id, school_id, upn, former_upn, legal_surname, legal_forename, middle_names,
  preferred_surname, preferred_forename, date_of_birth, compulsory_from, compulsory_until, sex, year_group, ethnicity,
  first_language, sen_status, social_worker, youth_offending, medical_note, changed_at, fsm, pupil_premium, eal)
SELECT id, s, 'U' || id, '', 'A', 'B', '', '', '', '2015-10-05', '2020-12-31', '2032-06-25',
  CASE WHEN id % 2 = 0 THEN 'F' ELSE 'M' END, (1 + id % 6)::text, '', '', CASE WHEN id % 6 = 0 THEN 'K' ELSE 'N' END,
  '', '', '', now(), id % 4 = 0, id % 3 = 0, id % 5 < 2
FROM generate_series(1, {schools}) s, generate_series(1, {pupils}) p, LATERAL (SELECT (s - 1) * {pupils} + p AS id) i;

INSERT INTO registers_registration (school_id, pupil_id, admission_date, leaving_ground, destination, last_school)
SELECT school_id, id, '2020-09-01', '', '', '' FROM registers_pupil;

INSERT INTO registers_classgroup (id, school_id, name)
SELECT (s - 1) * {classes} + c + 1, s, 'C' || c
FROM generate_series(1, {schools}) s, generate_series(0, {classes} - 1) c;

INSERT INTO registers_classmembership (school_id, pupil_id, class_group_id, start, year_group)
SELECT school_id, id, (school_id - 1) * {classes} + id % {classes} + 1, '2020-09-01', '' FROM registers_pupil
"""
# An entry for each class's register of a session; its number follows from day, session and class.
ENTRY_ID = "((d.day - '2019-01-01'::date) * 2 + half - 1) * {schools} * {classes} + (d.school_id - 1) * {classes}"
ENTRIES = f"""
INSERT INTO registers_entry (id, school_id, day, session, at, by_name, by_position, source, pupils, codes)
SELECT {ENTRY_ID} + c, d.school_id, d.day, half, d.day + time '09:05', '', '', 'teacher', ARRAY[1], ARRAY[{PRESENT}]
FROM registers_schoolday d, generate_series(1, 2) half, generate_series(0, {{classes}} - 1) c
WHERE d.day BETWEEN '{{first}}' AND '{{last}}' ORDER BY 1
"""
MARKS = f"""
INSERT INTO registers_mark (day, code, session, entry_id, school_id, pupil_id)
SELECT d.day, {CODE}, half, {ENTRY_ID} + p.id % {{classes}}, p.school_id, p.id
FROM registers_schoolday d JOIN registers_pupil p ON p.school_id = d.school_id, generate_series(1, 2) half,
     LATERAL (SELECT abs(hashint8(p.id::bigint * 10000 + (d.day - '2019-01-01'::date) * 2 + half)) % 1000 AS h) AS hash
WHERE d.day BETWEEN '{{first}}' AND '{{last}}' ORDER BY d.day, half, p.school_id, p.id % {{classes}}, p.id
"""


def fill(schools: int, years: int) -> None:
    """Fill an empty database that was migrated. Keys of pupils, classes and entries are given, not drawn."""
    from django.db import connection

    from attendance_mis.models import School
    from attendance_mis.tenancy import acting_for
    from registers.calendar_rules import Kind, Period, school_days
    from registers.kept_counts import COUNT_EVERYTHING
    from registers.models import CalendarEntry, SchoolDay

    made = School.objects.bulk_create(
        School(id=n, urn=str(100000 + n), laestab=str(2010000 + n), name=f"School {n}", phase="primary",
               local_authority="Camden")
        for n in range(1, schools + 1)
    )  # fmt: skip
    halves = ((FIRST, CHRISTMAS - timedelta(3), Kind.HT1), (CHRISTMAS, LAST, Kind.HT3))
    periods = [
        Period(start - back * A_YEAR, end - back * A_YEAR, kind)
        for back in reversed(range(years))
        for start, end, kind in halves
    ]
    for school in made:
        with acting_for(school):
            CalendarEntry.objects.bulk_create(
                CalendarEntry(school=school, start=p.start, end=p.end, kind=p.kind) for p in periods
            )
            SchoolDay.objects.bulk_create(
                SchoolDay(school=school, day=d.day, am=True, pm=True, half_term=d.half_term,
                          academic_year=d.academic_year)
                for d in school_days(periods)
            )  # fmt: skip
    given = {"schools": schools, "pupils": PUPILS, "classes": CLASSES}
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE.format(**given))
        cursor.execute("ANALYZE; ALTER TABLE registers_mark DISABLE TRIGGER USER; SET work_mem = '256MB'")
        for period in periods:
            week = period.start
            while week <= period.end:
                for sql in (ENTRIES, MARKS):
                    cursor.execute(sql.format(first=week, last=week + timedelta(4), **given))
                week += timedelta(7)
        cursor.execute("ALTER TABLE registers_mark ENABLE TRIGGER USER")
        cursor.execute(COUNT_EVERYTHING)
        for table in ("classgroup", "entry", "pupil"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('registers_{table}', 'id'), max(id)) FROM registers_{table}"
            )
        cursor.execute("RESET work_mem")
    connection.set_autocommit(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
