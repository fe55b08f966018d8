"""A school that is hard to show: a full class, names that are long, right to left or in letters that few fonts have,
a child without contacts, a class without children, marks on some days only, notices about children of all these names.
"""

from datetime import date, timedelta

from casework.models import Standing
from penalties.amounts import Scheme
from penalties.models import ImprovementNotice, PenaltyNotice
from penalties.notices import Source, State
from registers.models import Pupil
from tests import factories
from tests.conftest import TODAY, Cast
from tests.reports.conftest import written

FULL = 34  # pupils of the fullest class
LONG = "Featherstonehaugh-Cholmondeley-Wriothesley"
NAMES = (
    (LONG, "Maximiliana-Alexandrina Persephone"),
    ("Thirunavukkarasu Balasubramaniam", "Venkatanarasimharajuvaripeta"),
    ("عبد الرحمن السعيدي", "محمد نور الدين"),
    ("בן־דוד", "עלמה"),
    ("王", "小明"),
    ("சுப்பிரமணியன்", "கார்த்திகேயன்"),
    ("Đặng-Nguyễn", "Thị Hương"),
    ("O’Brien–Ó Súilleabháin", "Caoilfhionn"),
    ("Y", "X"),
)


def make_hard(cast: Cast) -> None:
    """The cast's school as a hard one. Its first pupil has the longest name, and nobody to write to."""
    school = cast.school
    more = factories.PupilFactory.create_batch(FULL - len(cast.pupils), school=school)
    for each in more:
        factories.RegistrationFactory(pupil=each)
        factories.ClassMembershipFactory(pupil=each, class_group=cast.own_class)
    full = [*cast.pupils, *more]
    for pupil, (surname, forename) in zip(full, NAMES, strict=False):
        pupil.legal_surname, pupil.legal_forename = surname, forename
    Pupil.objects.bulk_update(full, ["legal_surname", "legal_forename"])
    for pupil in full[1:]:
        factories.ContactFactory(pupil=pupil, forename="Maximiliana-Alexandrina")
    factories.ClassGroupFactory(school=school, name="Nobody’s class, a long name")
    first, last = date(2025, 1, 6), TODAY - timedelta(1)
    written(full[:3], missed=11, letter="O", first=first, last=last)
    written(full[3:8], missed=1, letter="I", first=first, last=last)
    written(full[8:30], missed=0, first=first, last=last)
    written(full[30:32], missed=2, letter="N", first=date(2025, 3, 10), last=date(2025, 3, 10))
    _with_casework(full)


def _with_casework(full: list[Pupil]) -> None:
    """Each of the class to talk with; about the first of them notices to improve and penalty notices of others."""
    Standing.objects.bulk_create(
        Standing(
            school=pupil.school, pupil=pupil, ladder="Attendance", step="First conversation", index=0, since=TODAY,
            value="7", reason="Seven sessions missed.", owner="class teacher", evaluated_on=TODAY, attended=80,
            absent=nth, possible=80 + nth,
        )
        for nth, pupil in enumerate(full)
    )  # fmt: skip
    parents = [contact for pupil in full[1:9] if (contact := pupil.contacts.first())]
    ImprovementNotice.objects.bulk_create(
        ImprovementNotice(
            school=parent.school, pupil=parent.pupil, contact=parent, state="running", weeks=6, unit="school weeks",
            offered_on=TODAY, starts=TODAY, until=TODAY + timedelta(41), at_most=2, contents={}, unauthorised=1,
        )
        for parent in parents
    )  # fmt: skip
    PenaltyNotice.objects.bulk_create(
        PenaltyNotice(
            school=parent.school, pupil=parent.pupil, contact=parent, source=Source.LOCAL_AUTHORITY.value,
            origin="Told by the local authority", state=State.ISSUED.value, scheme=Scheme.NATIONAL.value,
            prepared_on=TODAY, issued_on=TODAY, place=1, counts_until=TODAY + timedelta(1100), full_pounds=160,
            reduced_pounds=80, day_one=TODAY, reduced_until=TODAY + timedelta(20), full_until=TODAY + timedelta(27),
            sessions_left=9,
        )
        for parent in parents
    )  # fmt: skip
