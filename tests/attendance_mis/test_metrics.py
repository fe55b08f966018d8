"""/metrics: for who holds the token, in the text that Prometheus reads."""

from datetime import timedelta

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from attendance_mis import ticks
from attendance_mis.models import BackupMade, ScheduledRun
from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from tests.conftest import REGISTER_TIME, TODAY

pytestmark = pytest.mark.usefixtures("clock")
TOKEN = "a-token-of-a-test"


def scraped():
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("given", "status"), [({}, 401), ({"Authorization": "Bearer other"}, 401), ({"Authorization": TOKEN}, 401)]
)
def test_only_the_token_opens_it(db, settings, given, status):
    settings.METRICS_TOKEN = TOKEN
    assert Client().get("/metrics", headers=given).status_code == status


def test_without_a_token_there_is_no_such_page(db, settings):
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_requests_are_counted_by_view_and_status(cast, settings):
    settings.METRICS_TOKEN = TOKEN
    key = ("attendance_requests_total", ("method", "GET"), ("status", "200"), ("view", "see_status"))
    before = scraped().get(key, 0)
    cast.client(Role.TECHNICIAN).get(cast.url("status/"))
    Client().get("/no/such/page/of/a/Child")
    after = scraped()
    assert after[key] == before + 1
    assert ("attendance_request_seconds_count", ("view", "see_status")) in after
    assert "Child" not in str(after)


def test_failed_runs_and_ages(cast, settings):
    settings.METRICS_TOKEN = TOKEN
    assert ("attendance_backup_age_seconds",) not in scraped()
    ticks.note_tick()
    BackupMade.objects.create(made_at=REGISTER_TIME - timedelta(hours=1), name="a", size=1, sha256="0" * 64)
    for school in (cast.school, cast.other_school):
        with acting_for(school):
            ScheduledRun.objects.create(
                school=school,
                task="registers.tasks.verify_record",
                day=TODAY,
                started_at=REGISTER_TIME,
                fault="OSError",
            )
    found = scraped()
    assert found["attendance_tick_age_seconds",] == 0
    assert found["attendance_backup_age_seconds",] == 3600
    assert found["attendance_scheduled_runs_failed", ("task", "registers.tasks.verify_record")] == 2
    assert found["attendance_scheduled_runs_failed", ("task", "reports.tasks.check_data")] == 0
