"""The today board with 50 offices refreshing, and search among 40,000 pupils: p50 and p95 in ms.

    .venv/bin/python -m bench.today [--seconds 20]

Makes a scratch database on the server of DATABASE_URL (default: 127.0.0.1) with one school of 1,500 pupils in 50
classes at 09:30, forty of them without a reason, and 99 schools of 400 pupils, each child with two contacts; gunicorn
serves as in production. Fifty browsers ask for the board every five seconds, each knowing what it shows: first while
nothing changes, so that every answer is "nothing new", then while the office enters a mark every second, so that every
answer is the whole board.
Then one browser after another searches, by two to six letters of names that are there. Clients run on this machine.
"""

import argparse
import http.client
import os
import random
import re
import socket
import statistics
import threading
import time
from urllib.parse import urlencode

from bench import register
from bench.register import SERVER

# A database and a port of its own: both benches may run on one machine.
register.NAME, register.PORT = NAME, PORT = "attendance_bench_today", 8767
OFFICES, EVERY, PUPILS, CLASSES, SCHOOLS, OF_EACH = 50, 5.0, 1500, 50, 99, 400

PUPILS_SQL = """
WITH made AS (
  INSERT INTO registers_pupil (school_id, upn, former_upn, legal_surname, legal_forename, middle_names,
    preferred_surname, preferred_forename, date_of_birth, compulsory_from, compulsory_until, sex, year_group, ethnicity,
    first_language, sen_status, social_worker, youth_offending, medical_note, changed_at)
  SELECT %(school)s, 'Z' || lpad((%(school)s * 10000 + n)::text, 12, '0'), '',
    (%(surnames)s::text[])[1 + (n * 7) %% 60] ||
    CASE WHEN n %% 3 = 0 THEN '-' || (%(surnames)s::text[])[1 + (n * 11) %% 60] ELSE '' END,
    (%(forenames)s::text[])[1 + (n * 13) %% 40], '', '', '', '2016-10-05', '2021-12-31', '2033-06-24', 'F', '3',
    '', '', '', '', '', '', now()
  FROM generate_series(1, %(size)s) n RETURNING id),
numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made),
roll AS (INSERT INTO registers_registration (school_id, pupil_id, admission_date, leaving_ground, destination,
           last_school) SELECT %(school)s, id, '2023-09-05', '', '', '' FROM made),
member AS (INSERT INTO registers_classmembership (school_id, pupil_id, class_group_id, start, year_group)
           SELECT %(school)s, id, (%(classes)s::bigint[])[1 + (n %% %(groups)s)], '2023-09-05', '' FROM numbered)
INSERT INTO registers_contact (school_id, pupil_id, priority, title, forename, surname, relationship, address_1,
  address_2, town, postcode, mobile, home_phone, work_phone, email, language, notes)
SELECT %(school)s, id, p, '', (%(forenames)s::text[])[1 + ((n * 17 + p) %% 40)],
  (%(surnames)s::text[])[1 + (n * 7) %% 60], 'parent', '', '', '', '',
  '07700 900' || lpad((n %% 1000)::text, 3, '0'), '', '', '', '', ''
FROM numbered CROSS JOIN generate_series(1, 2) p
"""


# What the office's entry does to the tables, without its checks.
ENTER = """
WITH entry AS (
  INSERT INTO registers_entry (school_id, day, session, at, by_name, by_position, source, pupils, codes)
  SELECT school_id, day, 1, now(), 'A', 'Office', 'office', array[min(pupil_id)], array[%(present)s]::smallint[]
  FROM registers_mark WHERE school_id = %(school)s AND day = %(day)s AND session = 1 AND code = %(no_reason)s
  GROUP BY 1, 2 RETURNING id, pupils)
UPDATE registers_mark m SET code = %(present)s, entry_id = entry.id FROM entry
WHERE school_id = %(school)s AND day = %(day)s AND session = 1 AND pupil_id = entry.pupils[1]
"""


def names(kind: str, count: int) -> list[str]:
    """Invented names, as many as a school has."""
    starts = "Al Bar Cor Dal Ed Far Gor Hal Ing Jar Kel Lor Mar Nor Os Pen Quin Ros Sal Tor".split()  # noqa: SIM905
    ends = "a e ina ton ley wick by ford ham well dale worth more side gate field ison ova ski".split()  # noqa: SIM905
    return random.Random(kind).sample([start + end for start in starts for end in ends], count)


def prepare(schools: int) -> dict[str, object]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from attendance_mis.permissions import Role
    from attendance_mis.tenancy import acting_for
    from registers.codes import code_for
    from registers.models import ClassGroup, Register
    from tests import factories
    from tests.conftest import REGISTER_TIME, TODAY

    call_command("migrate", verbosity=0)
    offset = REGISTER_TIME.replace(minute=30) - timezone.now()
    said = {"surnames": names("surnames", 60), "forenames": names("forenames", 40)}

    def make(school, size: int, groups: int) -> list[ClassGroup]:
        factories.make_calendar(school)
        classes = ClassGroup.objects.bulk_create(ClassGroup(school=school, name=f"{n}X") for n in range(groups))
        with connection.cursor() as cursor:
            ids = [each.pk for each in classes]
            cursor.execute(PUPILS_SQL, {"school": school.pk, "size": size, "classes": ids, "groups": groups, **said})
        return classes

    school = factories.SchoolFactory(is_demo=True, clock_offset=offset)
    with acting_for(school):
        classes = make(school, PUPILS, CLASSES)
        teacher = factories.MembershipFactory(school=school, role=Role.TEACHER).user
        present, no_reason, late = (code_for(letter, TODAY).number for letter in "/NL")
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO registers_mark (school_id, pupil_id, day, session, code, entry_id) "
                "SELECT school_id, pupil_id, d.day, s, CASE WHEN d.day < %s THEN %s WHEN pupil_id %% 40 = 0 THEN %s "
                "WHEN pupil_id %% 97 = 0 THEN %s ELSE %s END, 0 FROM registers_classmembership, "
                "generate_series(1, 2) s, LATERAL (SELECT day FROM registers_schoolday WHERE school_id = %s AND day "
                "BETWEEN '2024-09-04' AND %s) d WHERE school_id = %s AND (d.day < %s OR s = 1)",
                [TODAY, present, no_reason, late, present, school.pk, TODAY, school.pk, TODAY],
            )
        Register.objects.bulk_create(
            Register(school=school, class_group=group, day=TODAY, session=1, opened_at=REGISTER_TIME,
                     sent_at=REGISTER_TIME, sent_by=teacher)
            for group in classes[:-3]
        )  # fmt: skip
        offices = []
        for _ in range(OFFICES):
            client = Client()
            client.force_login(factories.MembershipFactory(school=school, role=Role.OFFICE).user)
            offices.append(client.cookies["sessionid"].value)
    for _ in range(schools):
        other = factories.SchoolFactory()
        with acting_for(other):
            make(other, OF_EACH, 14)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {"offices": offices, "urn": school.urn, "school": school.pk, "day": TODAY, "codes": (present, no_reason),
            "words": [*said["surnames"], *said["forenames"]]}  # fmt: skip


class Office:
    """One browser with the board open."""

    def __init__(self, session: str, urn: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        self.session, self.board, self.seen, self.whole = session, f"/s/{urn}/casework/today/", "", 0
        self.search_at = f"/s/{urn}/registers/search/"
        page, cookies = self.ask("GET", self.board)
        self.token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        self.csrf = re.search(r"csrftoken=([^;]+)", cookies)[1]

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[str, str]:
        headers |= {"Cookie": f"sessionid={self.session}; csrftoken={getattr(self, 'csrf', '')}"}
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except http.client.RemoteDisconnected:  # the server keeps an idle connection for some seconds only
            self.connection.close()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status not in (200, 204):
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        if found := re.search(r"seen=([0-9a-f]+)", text):
            self.seen = found[1]
        return text, answer.headers.get("Set-Cookie") or ""

    def refresh(self) -> float:
        start = time.perf_counter()
        text, _ = self.ask("GET", f"{self.board}?seen={self.seen}", **{"HX-Request": "true"})
        self.whole += bool(text)
        return time.perf_counter() - start

    def search(self, words: str) -> float:
        start = time.perf_counter()
        body = urlencode({"words": words, "csrfmiddlewaretoken": self.token})
        form = {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
        self.ask("POST", self.search_at, body, **form)
        return time.perf_counter() - start


def refreshing(offices: list[Office], facts: dict, seconds: float, *, changing: bool = True) -> list[float]:
    """Every office asks every five seconds, out of step; `changing`: while a mark changes every second."""
    took: list[float] = []
    until = time.perf_counter() + seconds

    def run(n: int, office: Office) -> None:
        due = time.perf_counter() + EVERY * n / OFFICES
        while due < until:
            time.sleep(max(0.0, due - time.perf_counter()))
            took.append(office.refresh())
            due += EVERY

    threads = [threading.Thread(target=run, args=each) for each in enumerate(offices)]
    if changing:
        threads.append(threading.Thread(target=enter_marks, args=(facts, until)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def enter_marks(facts: dict, until: float) -> None:
    import psycopg

    with psycopg.connect(f"{SERVER}/{NAME}", autocommit=True) as database:
        while time.perf_counter() < until:
            database.execute(ENTER, {**facts, "present": facts["codes"][0], "no_reason": facts["codes"][1]})
            time.sleep(1)


def said(what: str, took: list[float]) -> str:
    p95 = statistics.quantiles(took, n=20)[-1]
    return f"{what}: {len(took)} requests, p50 {1000 * statistics.median(took):.0f} ms, p95 {1000 * p95:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--schools", type=int, default=SCHOOLS, help="how many of 400 pupils stand beside the first")
    seconds, schools = vars(parser.parse_args()).values()
    os.environ |= {"DJANGO_SETTINGS_MODULE": "attendance_mis.settings", "ATTENDANCE_MIS_ENV": "development"}
    os.environ |= {"DATABASE_URL": f"{SERVER}/{NAME}", "LOG_LEVEL": "ERROR", "WEB_CONCURRENCY": "2"}
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 6379)) == 0:
            os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/13")
    with register.scratch_database():
        facts = prepare(schools)
        with register.web_server() as server:
            offices = [Office(session, facts["urn"]) for session in facts["offices"]]
            refreshing(offices, facts, EVERY)
            for changing in (False, True):
                for office in offices:
                    office.whole = 0
                spent = register.Spent(server)
                took = refreshing(offices, facts, seconds, changing=changing)
                print(
                    said(f"the board, 50 offices, 1,500 pupils, {'a mark a second' if changing else 'no change'}", took)
                )
                print(f"  processor for each: {spent.each(len(took))}")
                print(f"  of these {sum(office.whole for office in offices)} were the whole board")
            rng = random.Random(1)
            asked = [rng.choice(facts["words"])[: rng.randint(1, 6)] for _ in range(300)]
            offices[0].search("al")
            spent = register.Spent(server)
            print(
                said(
                    f"search, {PUPILS + schools * OF_EACH:,} pupils with two contacts each",
                    [offices[0].search(each) for each in asked],
                )
            )
            print(f"  processor for each: {spent.each(len(asked))}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
