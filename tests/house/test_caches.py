"""The cache while Redis is lost: the process's own, and nothing stale afterwards (decision 0038)."""

import pytest
from django.test import RequestFactory
from redis import exceptions

from attendance_mis import caches

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def lost(monkeypatch):
    """A cache whose Redis does not answer."""
    monkeypatch.setattr(caches, "OUTAGE", caches.Outage())
    return caches.RedisCache(NOWHERE, {})


def test_every_way_of_asking_outlives_the_loss(lost):
    lost.set("a", 1)
    assert lost.get("a") == 1
    assert lost.add("a", 2) is False
    assert lost.add("b", 3) is True
    assert lost.incr("b") == 4
    lost.set_many({"c": 5, "d": 6})
    assert lost.get_many(["c", "d", "e"]) == {"c": 5, "d": 6}
    assert lost.has_key("c")
    assert "e" not in lost
    assert lost.touch("c", 10)
    lost.delete_many(["c"])
    lost.delete("d")
    assert lost.get_many(["c", "d"]) == {}
    assert lost.get_or_set("f", lambda: 7) == 7
    lost.clear()
    assert lost.get("a") is None


def test_redis_is_left_alone_for_a_while(lost, monkeypatch):
    asked = []
    monkeypatch.setattr(caches.redis.RedisCache, "get", lambda *args, **kwargs: asked.append(1) or _fail())
    for _ in range(3):
        lost.get("a")
    assert len(asked) == 1


def _fail():
    raise exceptions.ConnectionError


def test_what_changed_meanwhile_is_known(lost):
    lost.get("read_only")
    lost.set("a", 1)
    lost.delete("b")
    lost.set_many({"c": 1})
    assert caches.OUTAGE.wrong == {":1:a", ":1:b", ":1:c"}
    assert caches.OUTAGE.take_wrong() == {":1:a", ":1:b", ":1:c"}
    assert not caches.OUTAGE.wrong


def test_an_error_of_ours_is_not_called_away():
    from attendance_mis.views.front import failed

    try:
        raise ValueError
    except ValueError:
        assert failed(RequestFactory().get("/")).status_code == 500
