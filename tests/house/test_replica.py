"""Pages of figures read from a copy of the database, where there is one and it answers."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.utils import DatabaseError

from attendance_mis import replica as replica_module
from attendance_mis.models import School
from attendance_mis.permissions import Role
from attendance_mis.replica import REPLICA, on_replica, reading_replica
from tests import databases
from tests.conftest import Cast
from tests.house.test_access import ACCESS, ROUTES, address, expected
from tests.letters.test_worker_killed import wait_until
from tests.pooler import PASSWORD, pooler_before
from tests.wire import wire_to

pytestmark = pytest.mark.usefixtures("clock")

PAGES = [name for name in ROUTES if getattr(ROUTES[name][1], "reads_replica", False)]
ON_REPLICA = "default_transaction_read_only"


@pytest.fixture
def replica(cast: Cast) -> Iterator[DatabaseWrapper]:
    """The test's database by a connection that only reads, as a streaming copy is."""
    settings = {
        **connection.settings_dict,
        "OPTIONS": {**connection.settings_dict["OPTIONS"], "options": f"-c {ON_REPLICA}=on"},
    }
    connections.settings[REPLICA] = settings
    connections[REPLICA] = DatabaseWrapper(settings, "default")  # the alias that a test may use
    yield connections[REPLICA]
    connections[REPLICA].close()
    del connections[REPLICA], connections.settings[REPLICA]


def test_without_one_everything_is_read_where_it_is_written(cast: Cast) -> None:
    with reading_replica():
        assert School.objects.exists()


def test_every_query_of_the_block_goes_to_the_copy_which_writes_nothing(replica: DatabaseWrapper) -> None:
    with reading_replica():
        with connection.cursor() as cursor:
            cursor.execute(f"SHOW {ON_REPLICA}")
            assert cursor.fetchone() == ("on",)
        assert School.objects.exists()
        with pytest.raises(DatabaseError, match="read-only"):
            School.objects.update(name="Elm")
    assert connections["default"] is not replica


def test_a_copy_that_does_not_answer_is_done_without(replica: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica_module, "_asked_again_at", 0.0)
    replica.settings_dict |= {"HOST": "127.0.0.1", "PORT": "1"}
    with reading_replica():
        assert connections["default"] is not replica
        assert School.objects.exists()


def test_a_copy_gone_behind_a_pooler_is_done_without(
    replica: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """PgBouncer answers for it at the door; a page asks further."""
    monkeypatch.setattr(replica_module, "_asked_again_at", 0.0)
    settings.IS_POOLED = True
    with wire_to(*databases.server()) as wire, pooler_before(databases.address_at(wire.port), 1) as pooler:
        wait_until(pooler.answers, "PgBouncer does not start")
        way = {"HOST": "127.0.0.1", "PORT": pooler.port, "PASSWORD": PASSWORD, "OPTIONS": {"prepare_threshold": None}}
        replica.settings_dict |= way
        with reading_replica():
            assert connections["default"] is replica
            assert School.objects.exists()
        wire.cut()
        with reading_replica():
            assert connections["default"] is not replica
            assert School.objects.exists()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_figures_writes_nothing(name: str, cast: Cast, replica: DatabaseWrapper) -> None:
    role = Role.TRUST_LEAD if name.startswith("trust:") else Role.HEAD
    assert cast.client(role).get(address(name, cast)).status_code in expected(name)[1]
    assert replica.connection is not None, "it did read from the copy"


def test_which_pages(cast: Cast) -> None:
    assert {"reports:see_school", "reports:see_pupils", "trust:see_trust"} <= set(PAGES) <= set(ACCESS)


def test_what_is_sent_is_written(rf: Any, replica: DatabaseWrapper) -> None:
    database = on_replica(lambda request: connections["default"])
    assert database(rf.get("/")) is replica
    assert database(rf.post("/")) is not replica
