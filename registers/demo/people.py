"""Invented children and the families they come from: names, contacts, and what groups they count in."""

import tomllib
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

STREETS = (
    "Lantern Row",
    "Harrow Bell Court",
    "Cinder Lane",
    "Juniper Street",
    "Tanner's Yard",
    "Mulberry Rise",
    "Kestrel Gardens",
    "Foundry Way",
    "Canal Parade",
    "St Osyth Terrace",
)
MEDICAL_NOTES = (
    "Asthma: blue inhaler in the classroom",
    "Nut allergy: adrenaline pen in the office",
    "Type 1 diabetes: care plan of September",
    "Epilepsy: see the care plan",
    "Coeliac disease: school kitchen informed",
    "Eczema: cream in the medical room",
    "Sickle cell disease: keep warm and hydrated",
)
SOCIAL_WORKERS = ("Farida Mensah", "Colin Abernethy", "Marta Jasińska", "Denise Okoro")
LONG_NAMES = (
    ("Oluwadamilola-Anuoluwapo", "Dami", "Temitope Iyanuoluwa Oreoluwa", "Adebowale-Ogunlesi-Fitzwilliam", "Nigerian"),
    (
        "Maximiliano Alexandre",
        "",
        "José Sebastião",
        "da Conceição Rodrigues de Albuquerque e Vasconcelos",
        "Portuguese",
    ),
    ("Venkatanarasimharajuvaripeta", "Venkat", "Lakshmi", "Thirunavukkarasu Balasubramaniam", "Indian"),
)


@dataclass(frozen=True, slots=True)
class Background:
    ethnicity: str
    languages: tuple[str, ...]
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    surnames: tuple[str, ...]
    share: int

    @property
    def keeps_eid(self) -> bool:
        return self.ethnicity in ("Bangladeshi", "Somali", "Pakistani", "Turkish")


@dataclass(frozen=True, slots=True)
class Adult:
    """A contact of a family's children."""

    title: str
    forename: str
    surname: str
    relationship: str
    parental_responsibility: bool
    lives_with_pupil: bool
    address: str
    postcode: str
    mobile: str
    home_phone: str
    work_phone: str
    email: str
    receives_letters: bool
    language: str
    notes: str = ""


@dataclass(slots=True, eq=False)
class Family:
    number: str
    background: Background
    surname: str  # as the table of names has it, with a stroke where sons and daughters are said differently
    language: str
    adults: list[Adult]
    frailty: float  # how often its children miss school, in standard deviations
    lateness: float
    keeps_eid: bool
    fsm: bool

    def surname_of(self, sex: str) -> str:
        return self.surname.split("/")[0 if sex == "F" else -1]


@dataclass(slots=True, eq=False)
class Child:
    """One child's registration at one school. `cohort` is the year in which her year group began Reception."""

    upn: str
    family: Family
    forename: str
    surname: str
    middle_names: str
    sex: str
    date_of_birth: date
    cohort: int
    class_stream: int
    admission: date
    leaving: date | None
    ground: str
    destination: str
    last_school: str
    frailty: float
    preferred_forename: str = ""
    facts: dict[str, Any] = field(default_factory=dict)  # columns of the pupil: SEN, meals, social worker ...
    has_contacts: bool = True

    def year_index(self, academic_year: int) -> int:
        """0 in Reception, 6 in year 6."""
        return academic_year - self.cohort

    def on_roll(self, day: date) -> bool:
        return self.admission <= day and (self.leaving is None or day <= self.leaving)


def year_group(index: int) -> str:
    """The year group of a `Child.year_index`."""
    return "R" if index == 0 else str(index)


@cache
def backgrounds() -> tuple[Background, ...]:
    """The families' backgrounds of `names.toml`."""
    rows: list[Any] = tomllib.loads((Path(__file__).parent / "names.toml").read_text("utf-8"))["background"]
    lists = ("languages", "girls", "boys", "surnames")
    return tuple(Background(**row | {name: tuple(row[name]) for name in lists}) for row in rows)


def make_family(rng: Random, number: str, place: int) -> Family:
    """A new family; `number` keeps its e-mails apart from every other's, `place` (among all) its mobiles."""
    background = rng.choices(backgrounds(), [b.share for b in backgrounds()])[0]
    return family_of(rng, number, place, background, rng.choice(background.surnames))


def family_of(rng: Random, number: str, place: int, background: Background, surname: str) -> Family:
    language = rng.choice(background.languages)
    address, postcode = _address(rng)
    landline = f"020 7946 0{rng.randrange(1000):03}" if rng.random() < 0.35 else ""
    speaks = language if rng.random() < 0.6 else "English"
    mother, father = surname.split("/")[0], surname.split("/")[-1]

    def adult(title: str, names: tuple[str, ...], surname: str, relationship: str, **facts: Any) -> Adult:
        forename = rng.choice(names)
        # Ofcom keeps a thousand mobile numbers for drama: every mother's is her own, a third of the fathers have one.
        drawn = rng.randrange(1000)
        own = {"mother": place % 750, "father": 750 + place // 3 % 250}.get(relationship, drawn)
        mobile = "" if relationship == "father" and place % 3 else f"07700 900{own:03}"
        facts = {"parental_responsibility": True, "lives_with_pupil": True, "receives_letters": True, **facts}
        elsewhere = None if facts["lives_with_pupil"] else _address(rng)
        number_at_work = f"020 7946 0{rng.randrange(1000):03}" if rng.random() < 0.3 else ""
        if not mobile and not number_at_work:
            number_at_work = f"020 7946 0{place % 1000:03}"
        return Adult(
            title, forename, surname, relationship, mobile=mobile, work_phone=number_at_work, language=speaks,
            address=elsewhere[0] if elsewhere else address, postcode=elsewhere[1] if elsewhere else postcode,
            home_phone="" if elsewhere else landline,
            email=f"{plain(forename)}.{plain(surname)}{number[-4:]}@home.example" if rng.random() < 0.85 else "",
            **facts,
        )  # fmt: skip

    adults = [adult(rng.choice(["Ms", "Mrs", "Mrs"]), background.girls, mother, "mother")]
    if rng.random() < 0.85:
        together = rng.random() < 0.72
        adults.append(
            adult("Mr", background.boys, father, "father", lives_with_pupil=together, receives_letters=together)
        )
    if rng.random() < 0.55:
        kin = rng.choice(["grandmother", "aunt", "family friend"])
        no_parent = {"parental_responsibility": False, "lives_with_pupil": False, "receives_letters": False}
        note = rng.choice(["", "", "May collect", "Speaks little English: use a short text"])
        adults.append(adult("Ms", background.girls, mother, kin, notes=note, **no_parent))
    return Family(
        number, background, surname, language, adults, rng.gauss(0, 1), rng.gauss(0, 1),
        keeps_eid=background.keeps_eid and rng.random() < 0.3, fsm=rng.random() < 0.3,
    )  # fmt: skip


def plain(name: str) -> str:
    """A name as it stands in an e-mail address."""
    letters = unicodedata.normalize("NFKD", name.lower().translate(str.maketrans("łđı", "ldi")))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())


def _address(rng: Random) -> tuple[str, str]:
    # E99 is no postcode district.
    return f"{rng.randrange(1, 180)} {rng.choice(STREETS)}", f"E99 {rng.randrange(1, 10)}{rng.choice('ABDEFGHJ')}X"


def born_in(rng: Random, cohort: int) -> date:
    """A birthday of the school year that begins Reception in September of `cohort`."""
    return date(cohort - 5, 9, 1) + timedelta(rng.randrange(365))


def facts_of(rng: Random, family: Family) -> dict[str, Any]:
    """What groups a child counts in, at the rates of a London primary school."""
    sen = rng.choices(["N", "K", "E"], [82, 14, 4])[0]
    fsm = family.fsm
    ever6 = fsm or rng.random() < 0.07
    worker = rng.random() < 0.03 + 0.03 * (family.frailty > 1)
    previously = not worker and rng.random() < 0.008
    return {
        "ethnicity": family.background.ethnicity,
        "first_language": family.language,
        "eal": family.language != "English",
        "sen_status": sen,
        "fsm": fsm,
        "fsm_ever6": ever6,
        "pupil_premium": ever6 or previously,
        "looked_after": False,
        "previously_looked_after": previously,
        "adopted": previously and rng.random() < 0.6,
        "service_child": rng.random() < 0.004,
        "young_carer": rng.random() < 0.012,
        "child_protection": False,
        "social_worker": rng.choice(SOCIAL_WORKERS) if worker else "",
        "youth_offending": "",
        "arp": sen == "E" and rng.random() < 0.3,
        "vulnerable": worker or rng.random() < 0.01,
        "medical_note": rng.choice(MEDICAL_NOTES) if rng.random() < 0.07 else "",
        "boarder": False,
    }
