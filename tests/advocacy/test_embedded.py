"""The worker and beat that live inside the web process do real work, and die loudly (TRUST A3)."""

import os
import subprocess
import sys

import pytest
from gunicorn.arbiter import Arbiter

from advocacy.embedded import DIED
from tests.advocacy.conftest import ROOT

pytestmark = pytest.mark.slow

START = """
import threading, time
from advocacy.celery import app
from advocacy.embedded import Embedded

ran, retried, done = [], [], threading.Event()

@app.task(name="x.tick")
def tick():
    ran.append(time.monotonic())

@app.task(name="x.again", bind=True, max_retries=3)
def again(self):
    retried.append(1)
    if len(retried) < 3:
        raise self.retry(countdown=0.2)
    done.set()

app.conf.beat_schedule = {"tick": {"task": "x.tick", "schedule": 0.5}}
"""


def run(program, folder):
    return subprocess.run(
        [sys.executable, "-c", START + program],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "ENV_FILE": "",
            "DEBUG": "1",
            "DATA_DIR": str(folder / "data"),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_beat_ticks_retries_come_back_and_stop_is_quick(tmp_path):
    told = run(
        """
embedded = Embedded()
embedded.start()
again.delay()
assert done.wait(10)
time.sleep(1.5)
started = time.monotonic()
embedded.stop()
print(len(ran) >= 3, len(retried), time.monotonic() - started < 3)
""",
        tmp_path,
    )
    assert told.stdout.split() == ["True", "3", "True"], told.stderr
    assert "Traceback" not in told.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["data"]  # beat keeps no file that could break


@pytest.mark.parametrize(
    ("name", "break_it"),
    [
        ("beat", "embedded.beat.scheduler.tick = broken"),
        ("worker", "embedded.worker.start = broken"),
    ],
)
def test_a_part_that_dies_takes_the_process_with_it(tmp_path, name, break_it):
    told = run(
        f"""
def broken(*args, **kwargs):
    raise RuntimeError("broken")

embedded = Embedded()
{break_it}
embedded.start()
time.sleep(5)
print("still here")
""",
        tmp_path,
    )
    assert told.returncode == DIED
    assert f"the embedded {name} died" in told.stderr
    assert "still here" not in told.stdout


def test_the_master_forks_again_after_this_exit_code():
    assert DIED not in (Arbiter.WORKER_BOOT_ERROR, Arbiter.APP_LOAD_ERROR)
