"""The cache lives on when Redis does not (TRUST R60)."""

import socket
import time

import pytest

from advocacy.cache import RedisOrMemoryCache


@pytest.fixture
def nowhere():
    """A cache whose server is a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    RedisOrMemoryCache.away_until = 0.0
    cache = RedisOrMemoryCache(f"redis://127.0.0.1:{port}/0", {"KEY_PREFIX": f"t{port}"})
    yield cache
    cache.clear()
    RedisOrMemoryCache.away_until = 0.0


def test_every_operation_works_without_redis(nowhere):
    assert nowhere.add("a", 1) is True
    assert nowhere.add("a", 2) is False
    assert nowhere.get("a") == 1
    assert nowhere.incr("a", 4) == 5
    assert nowhere.decr("a") == 4
    nowhere.set("b", "x", 60)
    assert nowhere.touch("b", 120) is True
    assert nowhere.has_key("b")
    assert "b" in nowhere
    assert nowhere.get_many(["a", "b", "c"]) == {"a": 4, "b": "x"}
    nowhere.set_many({"c": 1, "d": 2})
    nowhere.delete_many(["c"])
    assert nowhere.get("c", "gone") == "gone"
    assert nowhere.get_or_set("e", lambda: 7) == 7
    assert nowhere.delete("a") is True
    nowhere.clear()
    assert nowhere.get("d") is None


def test_a_server_that_does_not_answer_is_not_asked_every_time(nowhere, caplog):
    started = time.monotonic()
    for _ in range(50):
        nowhere.get("a")
    assert time.monotonic() - started < 2
    assert caplog.text.count("Redis does not answer") == 1


def test_keys_of_the_stand_in_carry_the_prefix(nowhere):
    nowhere.set("a", 1)
    assert RedisOrMemoryCache("redis://127.0.0.1:1/0", {"KEY_PREFIX": "other"}).get("a") is None


def test_a_wrong_use_still_raises(nowhere):
    with pytest.raises(ValueError, match="not found"):
        nowhere.incr("never-set")


@pytest.mark.django_db
def test_signing_in_works_and_limits_count_while_redis_is_away(client, settings, nowhere):
    settings.CACHES = {
        "default": {"BACKEND": "advocacy.cache.RedisOrMemoryCache", "LOCATION": "redis://127.0.0.1:1/0"},
    }
    for _ in range(5):
        assert client.post("/akun/masuk/", {"login": "siapa", "password": "salah salah"}).status_code == 200
    assert (
        "terlalu" in client.post("/akun/masuk/", {"login": "siapa", "password": "salah salah"}).content.decode().lower()
    )


def test_sessions_are_rows_not_cache_entries(settings):
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
