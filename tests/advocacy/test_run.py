"""`sh bin/run` from a copy of the checkout, as a stranger would start it: with an empty HOME, stopped by Ctrl-C."""

import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from tests.advocacy.conftest import ROOT

pytestmark = pytest.mark.slow

LEFT_OUT = {".git", ".venv", ".env", "data", "staticfiles", "node_modules", ".stamps"}
PASSWORD = "kereta malam ke bandung"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """One start of Kawal in a session of its own, like a terminal."""

    def __init__(self, folder, **env):
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = folder / "terminal.log"
        self.started = time.monotonic()
        environment = {"PATH": os.environ["PATH"], "HOME": "", "VENV": sys.prefix, "PORT": str(self.port)} | env
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                ["sh", "bin/run"],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for(self, path, *, seconds):
        """Seconds from the start until this path answers 200."""
        while time.monotonic() - self.started < seconds:
            assert self.process.poll() is None, self.log.read_text()
            try:
                with urllib.request.urlopen(self.url + path, timeout=2) as answer:
                    self.told = json.loads(answer.read())
                    return time.monotonic() - self.started
            except (OSError, urllib.error.HTTPError):
                time.sleep(0.1)
        raise AssertionError(f"{path} did not answer in {seconds} s:\n{self.log.read_text()}")

    def stop(self, number=signal.SIGINT):
        """Seconds from Ctrl-C, which a terminal sends to the whole group, until everything is gone."""
        started = time.monotonic()
        os.killpg(self.process.pid, number)
        self.code = self.process.wait(timeout=20)
        while time.monotonic() - started < 20:
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.05)
        return time.monotonic() - started

    def sign_in(self, login, password):
        """The address reached after signing in."""
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        page = browser.open(f"{self.url}/akun/masuk/").read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        form = {"login": login, "password": password, "csrfmiddlewaretoken": token}
        return browser.open(f"{self.url}/akun/masuk/", urllib.parse.urlencode(form).encode()).geturl()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkout") / "kawal"
    shutil.copytree(ROOT, folder, ignore=left_out)
    return folder


def left_out(folder, names):
    """What a fresh clone would not have: the top level's own rubbish, and caches anywhere."""
    mine = LEFT_OUT if Path(folder) == ROOT else set()
    return [name for name in names if name in mine or name.endswith(("_cache", "__pycache__"))]


@pytest.fixture
def start(checkout):
    """Start Kawal in the checkout; whatever still runs afterwards is killed."""
    started = []

    def start(**env):
        started.append(Running(checkout, **env))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            os.killpg(running.process.pid, signal.SIGKILL)
            running.process.wait()


def test_first_start_second_start_and_ctrl_c(start, checkout):
    first = start(DEMO="0", ADMIN_USERNAME="ketua", ADMIN_EMAIL="ketua@example.org", ADMIN_PASSWORD=PASSWORD)
    first.wait_for("/healthz", seconds=120)
    assert first.told["database"] == "ok"
    assert (checkout / ".env").stat().st_mode & 0o077 == 0
    assert (checkout / "data").stat().st_mode & 0o077 == 0

    # Worker and beat tick inside the one process.
    first.wait_for("/readyz", seconds=150)
    assert first.told["broker"] == "memory"
    assert first.sign_in("ketua", PASSWORD) != f"{first.url}/akun/masuk/"
    assert f"Kawal is ready:  {first.url}" in first.log.read_text()

    assert first.stop() < 5, first.log.read_text()
    assert first.code == 0
    assert "Traceback" not in first.log.read_text()

    second = start()
    assert second.wait_for("/healthz", seconds=30) < 5
    assert "Preparing" not in second.log.read_text()
    assert second.stop(signal.SIGTERM) < 5
    assert second.code == 0


def test_the_demo_prints_its_logins_and_they_work(start, checkout):
    running = start(DEMO="1", DEMO_PASSWORD=PASSWORD, DATA_DIR=str(checkout / "demo"))
    running.wait_for("/healthz", seconds=300)
    told = running.log.read_text()
    for name in ("relawan", "koordinator", "pimpinan", "admin"):
        assert name in told
        assert running.sign_in(name, PASSWORD) != f"{running.url}/akun/masuk/"
    assert PASSWORD in told
    assert running.stop() < 5
    again = start(DEMO="1", DATA_DIR=str(checkout / "demo"))
    assert again.wait_for("/healthz", seconds=30) < 5
    assert PASSWORD in again.log.read_text()


def test_nobody_at_the_terminal_is_told_how_to_make_the_first_admin(start, checkout):
    folder = checkout / "empty"
    for _ in range(2):
        running = start(DEMO="0", DATA_DIR=str(folder))
        running.wait_for("/healthz", seconds=120)
        assert "Set ADMIN_USERNAME, ADMIN_EMAIL and ADMIN_PASSWORD" in running.log.read_text()
        running.stop()
    refused = start(DEMO="0", DATA_DIR=str(folder), ADMIN_USERNAME="a", ADMIN_EMAIL="a@example.org", ADMIN_PASSWORD="x")
    assert refused.process.wait(timeout=60) != 0
    assert "The first admin was not made" in refused.log.read_text()
    assert "Traceback" not in refused.log.read_text()


def test_a_worker_that_is_killed_is_forked_again(start):
    running = start(DEMO="0")
    running.wait_for("/healthz", seconds=120)
    children = subprocess.run(["pgrep", "-P", str(running.process.pid)], capture_output=True, text=True, check=True)
    os.kill(int(children.stdout.split()[0]), signal.SIGKILL)
    time.sleep(0.5)
    running.started = time.monotonic()
    running.wait_for("/healthz", seconds=15)
    assert running.stop() < 5


def test_a_taken_port_is_a_sentence(start, checkout):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        running = start(PORT=str(other.getsockname()[1]), DEMO="0")
        assert running.process.wait(timeout=60) != 0
    assert "is taken by another program" in running.log.read_text()
    assert "Traceback" not in running.log.read_text()


def test_an_old_python_is_a_sentence(tmp_path):
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        old = tmp_path / name
        old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" || exit 1\n')
        old.chmod(0o755)
    for tool in ("sh", "dirname"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    told = subprocess.run(
        ["sh", "bin/run"], cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=20
    )
    assert told.returncode == 1
    assert "needs Python 3.11 or newer; this machine has Python 3.9.2" in told.stderr


def test_a_missing_venv_module_is_a_sentence(tmp_path):
    broken = tmp_path / "python3"
    broken.write_text(
        f'#!/bin/sh\n[ "$1" = bin/start.py ] && exec {sys.executable} -c "'
        "import sys; sys.argv[1:] = ['setup']; sys.executable = '/bin/false'; "
        "sys.path.insert(0, 'bin'); import start; start.main(['setup'])\"\n"
        f'exec {sys.executable} "$@"\n'
    )
    broken.chmod(0o755)
    told = subprocess.run(
        ["sh", "bin/run", "setup"],
        cwd=ROOT,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "VENV": str(tmp_path / "venv"), "PYTHON": str(broken)},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert told.returncode == 1
    assert "sudo apt install python3-venv" in told.stderr
    assert "Traceback" not in told.stderr
