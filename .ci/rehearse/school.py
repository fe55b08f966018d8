"""The school of a rehearsal, as its people live it over https: it begins, takes registers without pause, and counts.

    school.py begin --link LINK --urn 100001       the link that begin_school printed; a browser, from a new school to a register
    school.py mark --urn 100001 [--until FILE] [--forgive]    four teachers mark until FILE is there (or a save each), and say so
    school.py count --urn 100001 < ENTRIES  is everything acknowledged among the lines “version|{pupils}” of the database?

What was acknowledged is written down at once, beside the password, in --folder.
"""

import argparse
import base64
import hmac
import io
import json
import re
import shutil
import sys
import threading
import time
import zipfile
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import requests
import urllib3
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from registers.upn import check_letter  # noqa: E402  pure modules, after the path to them
from tests import packs  # noqa: E402

urllib3.disable_warnings()  # the certificate is the rehearsal's own
HOST = "attendance.school.example"
PASSWORD = "three quiet herons"
TEACHERS, PUPILS, PATIENCE = 4, 30, 60
LAST_FRIDAY = date.today() - timedelta((date.today().weekday() - 4) % 7 or 7)  # whose register nobody took


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["begin", "mark", "count"])
    parser.add_argument("--link")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--urn", default="100001")
    parser.add_argument("--until", type=Path)
    parser.add_argument("--forgive", action="store_true")
    asked = parser.parse_args()
    school = School(asked.folder / "school" / asked.urn, asked.address, asked.urn)
    {
        "begin": lambda: school.begin(asked.link),
        "mark": lambda: school.mark(asked.until, asked.forgive),
        "count": school.count,
    }[asked.verb]()


class School:
    def __init__(self, folder: Path, address: str, urn: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.address, self.urn = folder, address, urn
        self.teacher = f"teacher@school{urn}.example"

    def begin(self, link: str) -> None:
        """The link, the second step, term dates, an import by the worker, and a teacher with a class."""
        expect.set_options(timeout=PATIENCE * 1000)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium(), args=[f"--host-resolver-rules=MAP {HOST} {self.address}", "--no-sandbox"]
            )
            page = browser.new_context(ignore_https_errors=True).new_page()
            page.goto(link)
            for label, value in {
                "Name of the school": f"Elm Lane {self.urn}", "URN": self.urn, "LAESTAB": f"201{self.urn[-4:]}",
                "Local authority": "Camden", "Your name": "Samuel Iyer", "Your e-mail address": f"technician@school{self.urn}.example",
            }.items():  # fmt: skip
                page.get_by_label(label).fill(value)
            page.get_by_role("textbox", name="A password").fill(PASSWORD)
            page.get_by_label("Phase").select_option("primary")
            page.get_by_label("Type").select_option("maintained")
            page.get_by_role("button", name="Begin").click()
            set_up_app(page)
            expect(page.get_by_role("heading", level=1)).to_contain_text("Set up Elm Lane")
            own = f"https://{HOST}/s/{self.urn}/"

            page.goto(f"{own}registers/import/")
            page.get_by_label("File").set_input_files(
                {"name": "pack.zip", "mimeType": "application/zip", "buffer": pack(self.urn)}
            )
            page.get_by_role("button", name="Upload and check").click()
            page.get_by_role("button", name="Import it").click(timeout=PATIENCE * 1000)  # the worker has checked it
            expect(page.locator("main")).to_contain_text("What was written")
            print("imported by the worker")

            manager = self.invited(browser, page, "Ewa Rahman", "Attendance manager")
            set_up_app(manager)
            teacher = self.invited(browser, page, "Priya Osei", "Class teacher")
            manager.goto(f"{own}registers/classes/")
            manager.get_by_role("link", name="4A", exact=True).click()
            group = re.search(r"classes/(\d+)/", manager.url)[1]
            manager.goto(f"{own}registers/classes/{group}/teaching/")
            manager.get_by_label("Who teaches it?").select_option("Priya Osei")
            manager.get_by_label("From").fill("2026-09-01")
            manager.get_by_role("button", name="Save").click()
            expect(manager.locator("main")).to_contain_text("Priya Osei")
            teacher.goto(f"{own}registers/{group}/{LAST_FRIDAY}/AM/")
            expect(teacher.locator("[data-pupil]")).to_have_count(PUPILS)
            browser.close()
        (self.folder / "group").write_text(group)
        print(f"school {self.urn} has begun; class {group} with {PUPILS} pupils has a teacher")

    def invited(self, browser: Browser, technician: Page, name: str, role: str) -> Page:
        """The first page of somebody whom the technician adds; without a mail server the link is shown."""
        technician.goto(f"https://{HOST}/s/{self.urn}/people/add/")
        technician.get_by_label("Name", exact=True).fill(name)
        technician.get_by_label("E-mail address").fill(
            self.teacher if role == "Class teacher" else f"manager@school{self.urn}.example"
        )
        technician.get_by_label("Position").fill(role)
        technician.get_by_label(re.compile(f"^{role}")).check()
        technician.get_by_role("button", name="Add the person").click()
        page = browser.new_context(ignore_https_errors=True, viewport={"width": 360, "height": 740}).new_page()
        page.goto(technician.locator("main code").text_content())
        page.get_by_label("New password", exact=True).fill(PASSWORD)
        page.get_by_label("New password, once more").fill(PASSWORD)
        page.get_by_role("button", name="Choose this password").click()
        return page

    def mark(self, until: Path | None, forgive: bool) -> None:
        """Exit 1 when a request of theirs failed, unless what fails is forgiven: then it is tried again, as the page does."""
        teachers = [Teacher(self, n, until, forgive) for n in range(TEACHERS)]
        for each in teachers:
            each.start()
        for each in teachers:
            each.join()
        faults = [fault for each in teachers for fault in each.faults]
        saves = sum(each.saves for each in teachers)
        longest = max(each.longest for each in teachers)
        print(
            f"{self.urn}: {sum(each.asked for each in teachers)} requests, {saves} saves acknowledged, {len(faults)} failed, "
            f"longest without a save {longest:.1f} s; {sorted(set(faults))[:4]}"
        )
        if (faults and not forgive) or saves < TEACHERS:
            sys.exit(1)

    def count(self) -> None:
        """Each save that was acknowledged is an entry of that pupil."""
        stored = {
            int(version): set(map(int, re.findall(r"\d+", pupils)))
            for version, pupils in (line.split("|") for line in sys.stdin)
        }
        acknowledged = [json.loads(line) for line in (self.folder / "acknowledged").read_text().splitlines()]
        missing = [(version, pupil) for version, pupil in acknowledged if pupil not in stored.get(version, ())]
        print(
            f"{self.urn}: {len(acknowledged)} saves acknowledged in all, {len(missing)} missing among {len(stored)} entries"
        )
        if missing or not acknowledged:
            sys.exit(1)


class Teacher(threading.Thread):
    """Signs in, and marks one pupil of hers again and again: opens the register, saves, opens it again."""

    def __init__(self, school: School, n: int, until: Path | None, forgive: bool) -> None:
        super().__init__()
        self.school, self.n, self.until, self.forgive = school, n, until, forgive
        self.http, self.path = (
            requests.Session(),
            f"/s/{school.urn}/registers/{(school.folder / 'group').read_text()}/{LAST_FRIDAY}/AM/",
        )
        self.faults: list[str] = []
        self.asked = self.saves = 0
        self.longest, self.saved_at = 0.0, time.monotonic()

    def run(self) -> None:
        is_in = False
        while True:
            try:
                is_in = is_in or self.sign_in()
                self.save()
            except (requests.RequestException, AssertionError) as fault:
                self.faults.append(re.sub(r"0x\w+|\d{2,}", "_", str(fault))[:120])
                time.sleep(0.2)
            if self.until is None or self.until.exists():
                return

    def sign_in(self) -> bool:
        page = self.ask("GET", "/sign-in/").text
        data = {"csrfmiddlewaretoken": re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1]}
        self.ask("POST", "/sign-in/", data=data | {"email": self.school.teacher, "password": PASSWORD})
        return "sessionid" in str(self.http.cookies)

    def save(self) -> None:
        page = self.ask("GET", self.path).text
        pupil, version = [(int(p), int(v)) for p, v in re.findall(r'data-pupil="(\d+)" data-version="(\d+)"', page)][
            self.n
        ]
        code = "N" if re.search(rf'name="code-{pupil}"[^>]*value="/"', page) else "/"
        body = {
            "key": str(uuid4()),
            "age": 0,
            "reason": "",
            "marks": [{"pupil": pupil, "code": code, "version": version}],
        }
        headers = {"X-CSRFToken": re.search(r'"X-CSRFToken": "(\w+)"', page)[1], "Content-Type": "application/json"}
        [taken] = self.ask("POST", f"{self.path}save/", data=json.dumps(body), headers=headers).json()["answers"]
        assert taken["outcome"] == "taken", taken
        with (self.school.folder / "acknowledged").open("a") as file:
            file.write(f"{json.dumps([taken['version'], pupil])}\n")
        self.saves += 1
        now = time.monotonic()
        self.longest, self.saved_at = max(self.longest, now - self.saved_at), now

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: object) -> requests.Response:
        self.asked += 1
        told = {"Host": HOST, "Referer": f"https://{HOST}/", **(headers or {})}
        answer = self.http.request(
            method, f"https://{self.school.address}{path}", headers=told, timeout=PATIENCE, verify=False, **more
        )
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code}"
        return answer


def pack(urn: str) -> bytes:
    """A class of thirty invented children, as a zip."""
    school = packs.SCHOOL.replace("123456", urn).replace("2011234", f"201{urn[-4:]}")
    pupils = ["upn,legal_surname,legal_forename,date_of_birth,sex,year_group,class_name,admission_date"]
    contacts = ["upn,priority,forename,surname,relationship,parental_responsibility,lives_with_pupil,mobile"]
    for n in range(PUPILS):
        body = f"201{urn[-4:]}2{n:04}"
        upn = check_letter(body) + body
        pupils.append(f"{upn},Zzsurname{n},Zzforename{n},2018-01-{n % 28 + 1:02},F,4,4A,2022-09-05")
        contacts.append(f"{upn},1,Rosa,Zzsurname{n},mother,Y,Y,07700 9{n:05}")
    files = {
        "school.toml": school,
        "calendar.csv": "start,end,kind,label\n2026-09-02,2026-10-23,HT1,\n2026-11-02,2026-12-18,HT2,\n",
        "pupils.csv": "\n".join(pupils),
        "contacts.csv": "\n".join(contacts),
        "marks.csv": "upn,date,session,code\n",
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def set_up_app(page: Page) -> None:
    """Whoever sees a whole school signs in with a second step."""
    page.get_by_role("button", name="Set up an app").click()
    page.get_by_label("Code").fill(totp(page.locator("details code").text_content()))
    page.get_by_role("button", name="Set up this app").click()
    page.get_by_role("button", name="I have them. Go on").click()


def totp(secret: str) -> str:
    """What an app shows now (RFC 6238)."""
    digest = hmac.digest(
        base64.b32decode(secret + "=" * (-len(secret) % 8)), int(time.time() // 30).to_bytes(8, "big"), "sha1"
    )
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)


if __name__ == "__main__":
    main()
