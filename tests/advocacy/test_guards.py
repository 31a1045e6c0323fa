"""Production refuses to start in a careless configuration, and says why."""

import subprocess
import sys

import pytest

from advocacy.guards import problems
from tests.advocacy.conftest import ENVIRONMENT, ROOT

GOOD = {
    "debug": False,
    "demo": False,
    "site_url": "https://kawal.example.org",
    "secure": True,
    "secure_chosen": False,
    "secret_key": "s" * 40,
    "field_keys": ["f" * 44],
    "hash_key": "h" * 40,
    "broker": "redis://redis:6379/0",
    "processes": 4,
    "proxies": 1,
    "separate_worker": False,
    "mail_chosen": True,
}


def test_a_careful_configuration_starts():
    assert problems(**GOOD) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"secret_key": "insecure-x"}, "SECRET_KEY is missing"),
        ({"secret_key": ""}, "SECRET_KEY is missing"),
        ({"secret_key": "short"}, "SECRET_KEY is shorter"),
        ({"hash_key": "insecure-x"}, "HASH_KEY is missing"),
        ({"field_keys": []}, "FIELD_KEYS is missing"),
        ({"field_keys": ["insecure-x"]}, "FIELD_KEYS is missing"),
        ({"hash_key": "s" * 40}, "must differ"),
        ({"debug": True}, "Set DEBUG=0"),
        ({"broker": "memory://"}, "WEB_CONCURRENCY is 4"),
        ({"broker": "memory://", "processes": 1, "separate_worker": True}, "separate Celery process"),
        ({"site_url": "http://kawal.example.org", "secure": False}, "unencrypted"),
        ({"mail_chosen": False}, "EMAIL_URL is not set"),
        ({"proxies": 0}, "TRUSTED_PROXY_COUNT=1"),
    ],
)
def test_a_careless_configuration_is_told_what_to_do(change, words):
    found = problems(**GOOD | change)
    assert len(found) == 1
    assert words in found[0]


def test_one_process_with_a_broker_in_memory_is_fine():
    assert problems(**GOOD | {"broker": "memory://", "processes": 1}) == []


def test_a_laptop_needs_neither_tls_nor_a_mail_server():
    laptop = {"site_url": "http://localhost:8000", "secure": False, "mail_chosen": False}
    assert problems(**GOOD | laptop) == []


def test_a_demo_on_a_laptop_needs_no_keys_but_a_public_one_does():
    keys = {"demo": True, "secret_key": "insecure-x", "hash_key": "insecure-y", "field_keys": []}
    assert problems(**GOOD | keys | {"site_url": "http://localhost:8000", "secure": False}) == []
    assert len(problems(**GOOD | keys)) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({"DEBUG": "1"}, "Set DEBUG=0"),
        ({"REDIS_URL": "memory://", "WEB_CONCURRENCY": "3"}, "WEB_CONCURRENCY is 3"),
    ],
)
def test_the_command_line_stops_with_a_sentence_and_no_traceback(tmp_path, change, words):
    told = manage("check", tmp_path, change)
    assert told.returncode != 0
    assert told.stderr.startswith("Kawal does not start:")
    assert words in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.slow
def test_the_web_server_stops_with_a_sentence_and_no_traceback(tmp_path):
    told = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
        env=ENVIRONMENT | {"DATA_DIR": str(tmp_path), "HASH_KEY": "", "PORT": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode != 0
    assert "HASH_KEY is missing" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.slow
def test_a_separate_worker_without_a_real_broker_is_refused(tmp_path):
    told = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "advocacy", "worker"],
        env=ENVIRONMENT | {"DATA_DIR": str(tmp_path), "REDIS_URL": "memory://"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode != 0
    assert "separate Celery process" in told.stdout + told.stderr


@pytest.mark.slow
def test_check_deploy_has_nothing_to_say_about_production(tmp_path):
    told = manage("check", tmp_path, {}, "--deploy", "--fail-level", "WARNING")
    assert told.returncode == 0, told.stderr
    assert "no issues" in told.stdout


def manage(command, folder, change, *arguments):
    return subprocess.run(
        [sys.executable, "manage.py", command, *arguments],
        env=ENVIRONMENT | {"DATA_DIR": str(folder)} | change,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
