"""PostgreSQL, Redis, a mail sink and Kawal's own processes, each started by us on a port of its own.

Nothing here ever talks to a server it has not started: ports come from the kernel, the well-known ones are refused, and
only process groups that were started here are killed.
"""

import contextlib
import http.client
import json
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlencode
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent.parent
#: Ports on which somebody else's server might listen.
NOT_OURS = {25, 80, 443, 465, 587, 1025, 3306, 4222, 5432, 5433, 5672, 6379, 6380, 8000, 8001, 8080}


def find(name: str) -> str | None:
    """A program on the path, or among PostgreSQL's versions."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return str(versions[0]) if versions else shutil.which(name)


def has_servers() -> bool:
    """Whether this machine can start a PostgreSQL and a Redis of our own."""
    return all(map(find, ("initdb", "postgres"))) and bool(redis_program()) and may_run_postgres()


def may_run_postgres() -> bool:
    """PostgreSQL does not run as root: then it needs a user of its own, as its packages make it."""
    if os.geteuid() != 0:
        return True
    with contextlib.suppress(KeyError):
        return bool(pwd.getpwnam("postgres"))
    return False


def redis_program() -> str | None:
    return shutil.which("redis-server") or shutil.which("valkey-server")


def free_port() -> int:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port > 10_000 and port not in NOT_OURS:
            return port


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False


def wait_until(question, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen in {seconds} seconds")
        time.sleep(0.05)


class Process:
    """One program in a process group of its own; killed only through that group, and never after it was buried."""

    #: What was started and not yet buried, so that nothing outlives a run that breaks off.
    alive: ClassVar[set["Process"]] = set()

    def __init__(
        self, name: str, command: list[str], folder: Path, *, env: dict | None = None, user: str | None = None
    ):
        self.name, self.command, self.folder, self.env, self.user = name, command, folder, env, user
        self.log = folder / f"{name}.log"
        self.process: subprocess.Popen | None = None

    def start(self) -> "Process":
        self.kill()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.env,
                cwd=ROOT if not self.user else self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self.user,
                extra_groups=[] if self.user else None,
            )
        self.alive.add(self)
        return self

    @property
    def is_alive(self) -> bool:
        """Whether it still runs, looked at without burying it: until then its number belongs to nobody else."""
        if self.process is None:
            return False
        if not hasattr(os, "waitid"):  # macOS before Python 3.13
            return self.process.poll() is None
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return self.process.returncode is None and os.waitid(os.P_PID, self.process.pid, flags) is None

    def signal(self, number: int) -> None:
        """Send a signal to the parent alone."""
        if self.is_alive:
            os.kill(self.process.pid, number)

    def wait(self, seconds: float) -> bool:
        """Whether it ended in time."""
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: not self.is_alive, seconds, self.name)
        return not self.is_alive

    def kill(self) -> None:
        """kill -9 of the whole group, then bury the parent."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        self.alive.discard(self)

    def kill_a_child(self) -> bool:
        """kill -9 of one child of the pool, as the kernel does when memory runs out."""
        if not self.is_alive:
            return False
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        with contextlib.suppress(OSError, IndexError, ValueError):
            os.kill(int(children.read_text().split()[-1]), signal.SIGKILL)
            return True
        return False

    def stop(self, seconds: float = 10) -> None:
        """Ask the parent to end; after that, make it."""
        self.signal(signal.SIGTERM)
        self.wait(seconds)
        self.kill()


class Postgres:
    """A cluster of our own in a temporary folder, crash-safe as in production."""

    def __init__(self, folder: Path):
        self.folder = folder / "postgres"
        self.folder.mkdir()
        self.port = free_port()
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        initdb = [find("initdb"), "-D", "db", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run(
            initdb,
            cwd=self.folder,
            user=self.user,
            extra_groups=[] if self.user else None,
            check=True,
            capture_output=True,
        )
        command = [find("postgres"), "-D", str(self.folder / "db"), "-p", str(self.port), "-k", str(self.folder)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=60"]
        self.process = Process("postgres", command, self.folder, user=self.user)
        if self.user:
            self.process.log.touch()
            os.chown(self.process.log, owner.pw_uid, owner.pw_gid)

    def start(self) -> "Postgres":
        self.process.start()
        wait_until(self.is_ready, 30, "PostgreSQL")
        return self

    def is_ready(self) -> bool:
        with contextlib.suppress(Exception):
            self.query("postgres", "SELECT 1")
            return True
        return False

    def crash(self) -> None:
        """Everything at once, no checkpoint: what is committed must come back from the log."""
        self.process.signal(signal.SIGQUIT)
        self.process.wait(20)
        self.process.kill()

    def query(self, name: str, sql: str, *, rows: bool = True) -> list[tuple]:
        import psycopg2  # noqa: PLC0415  only where PostgreSQL is

        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=name, connect_timeout=5)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if rows else []
        finally:
            connection.close()

    def copy(self, template: str, name: str) -> None:
        self.query("postgres", f"CREATE DATABASE {name} TEMPLATE {template}", rows=False)

    def url(self, name: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        self.process.signal(signal.SIGINT)
        self.process.wait(10)
        self.process.kill()


class Redis:
    """A broker that keeps nothing."""

    def __init__(self, folder: Path):
        self.port = free_port()
        command = [redis_program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = Process("redis", [*command, "--dir", str(folder)], folder)

    def start(self) -> "Redis":
        self.process.start()
        wait_until(lambda: answers(self.port), 10, "Redis")
        return self

    def flush(self) -> None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2) as line:
            line.sendall(b"FLUSHALL\r\n")
            line.recv(64)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        self.process.kill()


class Sink:
    """The mail server: `tests.faults.sink` as a process."""

    def __init__(self, folder: Path):
        self.folder = folder / "sink"
        self.folder.mkdir()
        self.port = free_port()
        command = [sys.executable, "-m", "tests.faults.sink", str(self.port), str(self.folder)]
        self.process = Process("sink", command, self.folder)
        self.set("ok")

    def start(self) -> "Sink":
        self.process.start()
        wait_until(lambda: answers(self.port), 15, "the mail sink")
        return self

    def set(self, mode: str) -> None:
        fresh = self.folder / "mode.new"
        fresh.write_text(mode)
        fresh.replace(self.folder / "mode")

    def accepted(self) -> list[dict]:
        path = self.folder / "accepted"
        whole_lines = path.read_text().rpartition("\n")[0] if path.exists() else ""
        return [json.loads(line) for line in whole_lines.splitlines()]

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.process.kill()


class Kawal:
    """The product: worker, beat and web on PostgreSQL and Redis, or all three in one process on SQLite."""

    #: What is watched over, so that a run that breaks off ends the watch before the processes.
    watched: ClassVar[set["Kawal"]] = set()

    def __init__(
        self, folder: Path, *, database_url: str = "", redis_url: str = "", email_url: str, clock: bool = False
    ):
        self.folder = folder
        self.embedded = not redis_url
        self.port = free_port()
        self.clock = folder / "clock"
        self.clock.write_text("0")
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "ENV_FILE": "",
            "DATA_DIR": str(folder / "data"),
            "SITE_URL": f"http://localhost:{self.port}",
            "SECRET_KEY": "faults-only-secret-key-of-more-than-forty-characters",
            "HASH_KEY": "faults-only-hash-key-of-more-than-forty-characters-x",
            "FIELD_KEYS": "dGVzdHMtb25seS1maWVsZC1rZXktMzItYnl0ZXMhISE=",
            "MFA_REQUIRED": "0",
            "EMAIL_URL": email_url,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "GUNICORN_LOG": "critical",
            "LOG_LEVEL": "WARNING",
            "PYTHONUNBUFFERED": "1",
        }
        if database_url:
            self.env["DATABASE_URL"] = database_url
        if redis_url:
            self.env |= {"REDIS_URL": redis_url, "WEB_CONCURRENCY": "2"}
        if clock:
            self.env["FAULT_CLOCK"] = str(self.clock)
        self.processes: dict[str, Process] = {}
        self.lock = threading.Lock()
        self.down: set[str] = set()
        self.revived = 0
        self.watch: threading.Thread | None = None
        self.over = threading.Event()

    def move_clock(self, seconds: int) -> None:
        fresh = self.folder / "clock.new"
        fresh.write_text(f"{seconds:+d}")
        fresh.replace(self.clock)

    def start(self, *, workers: int = 1, beats: int = 1, web: bool = True) -> "Kawal":
        celery = [sys.executable, "-m", "celery", "-A", "advocacy.celery"]
        calm = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "warning"]
        if not self.embedded:
            for number in range(1, workers + 1):
                self._add(
                    f"worker{number}", [*celery, "worker", "-P", "prefork", "-c", "2", "-n", f"w{number}@x", *calm]
                )
            for number in range(1, beats + 1):
                self._add(
                    f"beat{number}", [*celery, "beat", "-l", "warning", f"--pidfile={self.folder}/beat{number}.pid"]
                )
        if web or self.embedded:
            self._add("web", [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"])
        self.watch = threading.Thread(target=self._supervise, daemon=True)
        self.watch.start()
        self.watched.add(self)
        return self

    def _supervise(self) -> None:
        """What `restart: unless-stopped` does in production: a process that has ended by itself is started again."""
        while not self.over.wait(0.3):
            with self.lock:
                for name, process in self.processes.items():
                    if name not in self.down and not process.is_alive and not self.over.is_set():
                        self.revived += 1
                        self._start_again(name)

    def _start_again(self, name: str) -> None:
        process = self.processes[name]
        process.kill()
        (self.folder / f"{name}.pid").unlink(missing_ok=True)
        process.start()

    def _add(self, name: str, command: list[str]) -> None:
        self.processes[name] = Process(name, command, self.folder, env=self.env).start()

    def kill(self, name: str, *, child: bool = False) -> None:
        """kill -9, and what supervises it in production starts it again."""
        with self.lock:
            if not (child and self.processes[name].kill_a_child()):
                self._start_again(name)

    def stop_one(self, name: str) -> None:
        """End one process politely; it stays down until it is started."""
        with self.lock:
            self.down.add(name)
        self.processes[name].stop(15)

    def start_one(self, name: str) -> None:
        with self.lock:
            self.down.discard(name)
            self._start_again(name)

    def manage(self, *arguments: str, timeout: float = 180) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{arguments}: {done.stdout}\n{done.stderr}")
        return done.stdout

    def is_up(self) -> bool:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=3)) as line:
            try:
                line.request("GET", "/healthz")
                return line.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False

    def post(self, path: str, fields: dict, *, session: str) -> int:
        """A form sent by somebody signed in; the status of the answer, 0 when there was none."""
        token = "a" * 32
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.request(
                "POST",
                path,
                urlencode({**fields, "csrfmiddlewaretoken": token}),
                {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Cookie": f"sesi={session}; csrf={token}",
                    "Host": f"localhost:{self.port}",
                },
            )
            return line.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            line.close()

    def stop(self) -> None:
        self.over.set()
        if self.watch:
            self.watch.join(30)
        for process in self.processes.values():
            process.kill()
        self.watched.discard(self)


def stop_everything() -> None:
    """End whatever was started here and still runs."""
    for kawal in list(Kawal.watched):
        kawal.stop()
    for process in list(Process.alive):
        process.kill()


def read_sqlite(path: Path, sql: str) -> list[tuple]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def same_uuid(value) -> str:
    """The uuid of a row, whichever database wrote it."""
    return str(UUID(str(value)))


@contextlib.contextmanager
def private_folder():
    """A folder that the user of PostgreSQL may pass through; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="kawal-faults-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
