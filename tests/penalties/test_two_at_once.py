"""Two people sign the same notice at the same moment: one issues it, the other is told, and there is one notice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from attendance_mis.actions import Refused
from attendance_mis.tenancy import acting_for
from penalties.actions import notices
from penalties.models import PenaltyNotice
from tests import factories
from tests.conftest import Cast
from tests.databases import until_somebody_waits
from tests.penalties.conftest import Absent
from tests.penalties.test_notices_of_a_school import HOME, draft


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clock")
def test_two_who_sign_at_once_make_one_notice(cast: Cast, absent: Absent) -> None:
    mother = factories.ContactFactory(pupil=cast.pupils[0], **HOME)
    absent(mother.pupil, "O", 10)
    notice = draft(cast, mother)
    head = cast.actor("head")
    begun = Event()

    def also_signs() -> str:
        with acting_for(cast.school):
            begun.set()
            try:
                notices.issue(notice=notice, signature=head.name, by=head)
            except Refused as refused:
                return str(refused)
            finally:
                connection.close()
            return ""

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            notices.issue(notice=notice, signature=head.name, by=head)
            other = pool.submit(also_signs)
            begun.wait()
            until_somebody_waits()
        assert other.result() == "The notice is issued. (5.22)"
    assert PenaltyNotice.objects.filter(state="issued").count() == 1
