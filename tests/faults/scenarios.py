"""The reminder engine against dying processes and broken servers (TRUST A3, R55-R61).

Each scenario feeds follow-ups whose reminder is due at once, breaks something meanwhile, mends it, waits until the outbox
is empty, and then compares the rows of the database with what the mail server has accepted:

* lost: planned and confirmed, but never told in the inbox or never accepted by the mail server;
* twice: one reminder in two rows, or under two Message-IDs;
* repeats: accepted again under the same Message-ID. SMTP leaves one window for that, between the server's "250" and our
  commit: a repeat is allowed for each process killed or line cut in that window, and for nothing else.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.servers import (
    Kawal,
    Postgres,
    Process,
    Redis,
    Sink,
    has_servers,
    private_folder,
    read_sqlite,
    same_uuid,
    stop_everything,
    wait_until,
)

TEMPLATE = "kawal_template"
ROWS = "SELECT thing, channel, state, message_id FROM members_message WHERE kind = 'follow_up_due'"
FOLLOW_UPS = "SELECT uuid, submit_key FROM cases_followup"


@dataclass
class Result:
    """What one scenario showed."""

    name: str
    reminders: int
    lost: int
    twice: int
    distinct: int
    repeats: int
    allowed: int
    seconds: float
    note: str = ""
    wrong: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.wrong and self.lost == 0 and self.twice == 0 and self.repeats <= self.allowed


class Bench:
    """Everything started once for a run: the servers, and a database of a small union to copy."""

    def __init__(self, folder: Path, *, servers: bool, seed: int):
        self.folder = folder
        self.random = random.Random(seed)
        self.servers = servers
        self.count = 0
        self.postgres = Postgres(folder).start() if servers else None
        self.sqlite = folder / "template.sqlite3"
        self.known: dict = {}

    def union(self, *, embedded: bool) -> dict:
        """The union of the database that scenarios copy; built once for each kind of database."""
        kind = "sqlite" if embedded else "postgres"
        if kind not in self.known:
            folder = self.folder / f"build-{kind}"
            folder.mkdir()
            if embedded:
                kawal = Kawal(folder, email_url="memorymail://")
                self.known[kind] = json.loads(kawal.manage("-m", "tests.faults.drive", "build").splitlines()[-1])
                (folder / "data" / "db.sqlite3").replace(self.sqlite)
            else:
                self.postgres.query("postgres", f"CREATE DATABASE {TEMPLATE}", rows=False)
                url = self.postgres.url(TEMPLATE)
                kawal = Kawal(folder, database_url=url, redis_url="redis://127.0.0.1:1/0", email_url="memorymail://")
                self.known[kind] = json.loads(kawal.manage("-m", "tests.faults.drive", "build").splitlines()[-1])
        return self.known[kind]

    def stop(self) -> None:
        if self.postgres:
            self.postgres.stop()


class Run:
    """One scenario under way."""

    def __init__(self, bench: Bench, name: str, *, embedded: bool = False, clock: bool = False, **shape):
        self.bench, self.name, self.embedded = bench, name, embedded
        self.random = bench.random
        self.union = bench.union(embedded=embedded)
        bench.count += 1
        self.folder = bench.folder / f"run-{bench.count}"
        self.folder.mkdir()
        self.database = f"run_{bench.count}"
        self.sink = Sink(self.folder).start()
        self.redis = None if embedded else Redis(self.folder).start()
        if embedded:
            (self.folder / "data").mkdir(mode=0o700)
            (self.folder / "data" / "db.sqlite3").write_bytes(bench.sqlite.read_bytes())
            self.kawal = Kawal(self.folder, email_url=self.sink.url, clock=clock)
        else:
            bench.postgres.copy(TEMPLATE, self.database)
            self.kawal = Kawal(
                self.folder,
                database_url=bench.postgres.url(self.database),
                redis_url=self.redis.url,
                email_url=self.sink.url,
                clock=clock,
            )
        self.fed = self.folder / "fed"
        self.fed.touch()
        self.feeder: Process | None = None
        self.poster: threading.Thread | None = None
        self.posted: dict[str, bool] = {}
        self.stop_posting = threading.Event()
        self.wrong: list[str] = []
        self.started = time.monotonic()
        self.kawal.start(**shape)
        if "web" in self.kawal.processes:
            wait_until(self.kawal.is_up, 60, "the web server")

    # Feeding

    def feed(self, count: int, rate: float) -> None:
        """Plan follow-ups in a process of its own, so many a second (0: as fast as it goes)."""
        command = [sys.executable, "-m", "tests.faults.drive", "feed", str(count), str(rate), str(self.fed)]
        self.feeder = Process("feeder", command, self.folder, env=self.kawal.env).start()
        wait_until(lambda: self.fed.read_text(), 60, "the first follow-up")

    def post_forms(self) -> None:
        """Plan follow-ups through the web too: a form is sent again, with its submit key, until it is answered."""

        def work() -> None:
            while not self.stop_posting.is_set():
                key = str(uuid.uuid4())
                self.posted[key] = False
                path = f"/kasus/{self.random.choice(self.union['cases'])}/tindak-lanjut/"
                fields = {"title": f"Uji {key[:8]}", "when": "1h", "owner": "", "kind": "act", "submit_key": key}
                while not self.posted[key]:
                    status = self.kawal.post(path, fields, session=self.union["session"])
                    if status == 302:
                        self.posted[key] = True
                    elif status in {200, 403, 404}:
                        self.wrong.append(f"a form was answered {status}")
                        return
                    else:
                        time.sleep(0.2)
                time.sleep(0.1)

        self.poster = threading.Thread(target=work, daemon=True)
        self.poster.start()

    # Looking

    def query(self, sql: str) -> list[tuple]:
        if self.embedded:
            return read_sqlite(self.folder / "data" / "db.sqlite3", sql)
        return self.bench.postgres.query(self.database, sql)

    def mails_accepted(self) -> int:
        return len(self.sink.accepted())

    def is_done(self) -> bool:
        """Everything planned has its mail accepted and committed."""
        if self.feeder and self.feeder.is_alive:
            return False
        with contextlib.suppress(Exception):
            planned = self.query("SELECT count(*) FROM cases_followup WHERE title LIKE 'Uji %'")[0][0]
            sent = self.query(
                "SELECT count(*) FROM members_message WHERE kind = 'follow_up_due' AND channel = 'email' AND state = 'sent'"
            )[0][0]
            return planned == sent
        return False

    # Ending

    def finish(self, *, allowed: int = 0, note: str = "", patience: float = 90) -> Result:
        self.stop_posting.set()
        if self.poster:
            self.poster.join(60)
        wrong = list(self.wrong)
        try:
            wait_until(self.is_done, patience, "the end of delivery")
        except TimeoutError as late:
            wrong.append(str(late))
        time.sleep(1)  # a repeat would come now
        seconds = time.monotonic() - self.started
        self.kawal.stop()
        if self.kawal.revived:
            note = f"{note}; {self.kawal.revived} ended by themselves and were started again".strip("; ")
        if self.posted:
            note = (
                f"{note}; {sum(self.posted.values())} through the web"
                if note
                else f"{sum(self.posted.values())} through the web"
            )
        result = self._compare(allowed, seconds, note, wrong)
        self.close()
        return result

    def _compare(self, allowed: int, seconds: float, note: str, wrong: list[str]) -> Result:
        planned = {same_uuid(row): str(key and same_uuid(key)) for row, key in self.query(FOLLOW_UPS)}
        confirmed = set(self.fed.read_text().split())
        keys = Counter(planned.values())
        for key, answered in self.posted.items():
            if answered and keys[key] != 1:
                wrong.append(f"a form that was answered made {keys[key]} rows")
        told: dict[str, dict[str, list]] = {}
        for thing, channel, _state, message_id in self.query(ROWS):
            told.setdefault(thing.partition(":")[2], {}).setdefault(channel, []).append(message_id)
        accepted = Counter(line["id"] for line in self.sink.accepted())
        lost = len(confirmed - planned.keys()) + sum(not self._arrived(told.get(one, {}), accepted) for one in planned)
        twice = sum(max(len(rows) for rows in channels.values()) > 1 for channels in told.values())
        known = {row for channels in told.values() for row in channels.get("email", [])}
        if strangers := accepted.keys() - known:
            wrong.append(f"{len(strangers)} mails of no row")
        distinct = len(accepted)
        if distinct != len(planned):
            wrong.append(f"{len(planned)} reminders but {distinct} Message-IDs")
        repeats = sum(accepted.values()) - distinct
        return Result(self.name, len(planned), lost, twice, distinct, repeats, allowed, seconds, note, wrong)

    @staticmethod
    def _arrived(channels: dict, accepted: Counter) -> bool:
        email = channels.get("email", [])
        return bool(channels.get("inbox")) and bool(email) and all(accepted[row] for row in email)

    def close(self) -> None:
        self.kawal.stop()
        if self.feeder:
            self.feeder.kill()
        self.sink.stop()
        if self.redis:
            self.redis.stop()
            self.bench.postgres.query("postgres", f"DROP DATABASE {self.database} WITH (FORCE)", rows=False)


# --- Scenarios -----------------------------------------------------------------------------------------------------------


def calm(bench: Bench, count: int = 200) -> Result:
    run = Run(bench, "calm")
    run.feed(count, 40)
    return run.finish()


def killed(bench: Bench, kills: int = 50) -> Result:
    """kill -9 of worker, one of its children, beat and web, each at a random moment while mails go out."""
    run = Run(bench, f"kill -9 x {kills} of worker, child, beat, web", workers=2)
    run.feed(kills * 16, 10)
    run.post_forms()
    wait_until(lambda: run.mails_accepted() > 5, 60, "the first mails")
    hits: Counter = Counter()
    for number in range(kills):
        time.sleep(run.random.uniform(0.15, 1.6))
        before = run.mails_accepted()
        if number % 3 == 0:  # in the middle of delivery, not between two
            with contextlib.suppress(TimeoutError):
                wait_until(lambda seen=before: run.mails_accepted() > seen, 6, "another mail")
        target = run.random.choice(["worker1", "worker2", "worker1", "worker2", "child", "beat1", "web"])
        hits[target.rstrip("12")] += 1
        if target == "child":
            run.kawal.kill(run.random.choice(["worker1", "worker2"]), child=True)
        else:
            run.kawal.kill(target)
    run.feeder.kill()
    note = ", ".join(f"{name} {number}" for name, number in sorted(hits.items()))
    return run.finish(allowed=hits["worker"] * 2 + hits["child"], note=note)


def flushed(bench: Bench, times: int = 10) -> Result:
    run = Run(bench, f"broker flushed x {times}")
    run.feed(times * 20, 20)
    for _ in range(times):
        time.sleep(run.random.uniform(0.3, 1.2))
        run.redis.flush()
    return run.finish()


def broker_killed(bench: Bench, times: int = 3) -> Result:
    run = Run(bench, f"broker killed x {times}, 2 s away")
    run.feed(times * 80, 20)
    run.post_forms()  # the web plans on without a broker
    for _ in range(times):
        time.sleep(run.random.uniform(1, 2))
        run.redis.process.kill()
        time.sleep(2)
        run.redis.start()
    return run.finish()


def broker_away_at_start(bench: Bench) -> Result:
    """The broker dies while worker and beat are still starting."""
    run = Run(bench, "broker killed while all start", workers=1, web=False)
    run.feed(60, 20)
    for name in ("worker1", "beat1"):
        run.kawal.kill(name)
    for _ in range(3):
        time.sleep(run.random.uniform(0.5, 2))
        run.redis.process.kill()
        time.sleep(run.random.uniform(0.5, 2))
        run.redis.start()
    return run.finish()


def database_restarted(bench: Bench, times: int = 3) -> Result:
    run = Run(bench, f"database crashed x {times}")
    run.feed(times * 80, 20)
    run.post_forms()
    for _ in range(times):
        time.sleep(run.random.uniform(1.5, 3))
        bench.postgres.crash()
        time.sleep(run.random.uniform(0.2, 1.5))
        bench.postgres.start()
    return run.finish(allowed=times * 2)


def mail_away(bench: Bench, seconds: int = 12) -> Result:
    run = Run(bench, f"mail server away {seconds} s")
    run.feed(200, 20)
    time.sleep(2)
    run.sink.process.kill()
    time.sleep(seconds)
    run.sink.start()
    return run.finish(allowed=1, note="its death cuts one line")


def mail_refuses(bench: Bench) -> Result:
    run = Run(bench, "mail server says 451, then 451 after DATA")
    run.feed(200, 20)
    for mode in ("451", "ok", "data451", "ok"):
        run.sink.set(mode)
        time.sleep(3)
    return run.finish()


def answer_lost(bench: Bench) -> Result:
    """The server accepts and hangs up before it says so: nobody can know, so the same mail goes out again."""
    run = Run(bench, "answer lost after DATA")
    run.feed(200, 20)
    time.sleep(2)
    before = run.mails_accepted()
    run.sink.set("drop")
    time.sleep(3)
    run.sink.set("ok")
    cut = run.mails_accepted() - before
    return run.finish(allowed=cut + 1, note=f"{cut} answers cut")


def slow_mail(bench: Bench) -> Result:
    run = Run(bench, "slow mail server, worker killed x 4", workers=2)
    run.sink.set("slow")
    run.feed(60, 20)
    for _ in range(4):
        time.sleep(run.random.uniform(2, 4))
        run.kawal.kill(run.random.choice(["worker1", "worker2"]))
    run.sink.set("ok")
    return run.finish(allowed=8)


def many(bench: Bench) -> Result:
    """Three beats and five workers (ten children) at once: the rows decide who sends, not the number of wake-ups."""
    run = Run(bench, "3 beats, 10 workers", workers=5, beats=3, web=False)
    run.feed(300, 30)
    return run.finish()


def clock_back(bench: Bench) -> Result:
    """The wall clock of beat, worker and whoever plans jumps two hours ahead while mails go out, and back again.

    Beat is not started again meanwhile: it has to go on by itself. Nothing waits two hours.
    """
    run = Run(bench, "clock +2 h, back, -2 h, back", clock=True, workers=1, web=False)
    run.feed(300, 15)
    for seconds in (7200, 0, -7200, 0):
        time.sleep(3)
        run.kawal.move_clock(seconds)
    moved = run.query("SELECT extract(epoch FROM max(created_at) - min(created_at)) FROM members_message")[0][0]
    result = run.finish(patience=40)
    if moved < 3 * 3600:
        result.wrong.append("the clock did not move")
    if run.kawal.revived:
        result.wrong.append("a process did not survive the clock")
    return result


def clock_back_killed(bench: Bench) -> Result:
    """Killed while the clock is ahead: the lease it leaves lies two hours in the future, and must not last that long."""
    run = Run(bench, "killed while the clock was +2 h", clock=True, workers=1, web=False)
    run.feed(300, 15)
    for _ in range(3):
        run.kawal.move_clock(7200)
        before = run.mails_accepted()
        wait_until(lambda seen=before: run.mails_accepted() > seen + 3, 30, "mails")
        run.kawal.kill("worker1")
        run.kawal.move_clock(0)
        time.sleep(3)
    return run.finish(allowed=6, patience=40)


def stopped(bench: Bench, times: int = 4) -> Result:
    run = Run(bench, f"worker stopped politely x {times}", workers=1, web=False)
    run.feed(times * 60, 20)
    for _ in range(times):
        time.sleep(run.random.uniform(1.5, 3))
        run.kawal.stop_one("worker1")
        run.kawal.start_one("worker1")
    return run.finish()


def embedded_calm(bench: Bench, count: int = 100) -> Result:
    run = Run(bench, "one process on SQLite, calm", embedded=True)
    run.feed(count, 20)
    return run.finish()


def embedded_killed(bench: Bench, kills: int = 12) -> Result:
    """The shape of `make run`: gunicorn's one worker, or all of it, killed while it sends."""
    run = Run(bench, f"one process on SQLite, kill -9 x {kills}", embedded=True)
    run.feed(kills * 30, 15)
    for number in range(kills):
        with contextlib.suppress(TimeoutError):
            seen = run.mails_accepted()
            wait_until(lambda seen=seen: run.mails_accepted() > seen, 10, "another mail")
        time.sleep(run.random.uniform(0, 0.5))
        run.kawal.kill("web", child=number % 2 == 0)
    run.feeder.kill()
    return run.finish(allowed=kills * 2)


def burst(bench: Bench, count: int = 10_000) -> Result:
    """Ten thousand due at once: under two minutes from the first look to the last mail (R56)."""
    run = Run(bench, f"{count} due at once", workers=1, web=False)
    run.kawal.stop_one("beat1")
    run.kawal.stop_one("worker1")
    run.feed(count, 0)
    wait_until(lambda: not run.feeder.is_alive, 900, "the feeding")
    run.started = time.monotonic()
    commits = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
    before = run.query(commits)[0][0]
    run.kawal.start_one("worker1")
    run.kawal.start_one("beat1")
    wait_until(lambda: run.mails_accepted() >= count, 300, "the last mail")
    seconds = time.monotonic() - run.started
    time.sleep(2)
    commits = (run.query(commits)[0][0] - before) / count
    result = run.finish(patience=60)
    result.seconds = seconds
    result.note = f"{count / seconds:.0f} mails a second, {commits:.2f} transactions a mail with everything"
    if result.seconds > 120:
        result.wrong.append("slower than 120 seconds")
    return result


def short(bench: Bench) -> Result:
    """Calm, then kill -9 of worker, beat and web, then a broker that forgets everything, in one go."""
    run = Run(bench, "calm, kill -9 x 4, flushed x 3")
    run.feed(120, 8)
    run.post_forms()
    wait_until(lambda: run.mails_accepted() > 8, 60, "the first mails")
    for target in ("worker1", "beat1", "web", "worker1"):
        before = run.mails_accepted()
        with contextlib.suppress(TimeoutError):
            wait_until(lambda seen=before: run.mails_accepted() > seen, 8, "another mail")
        run.kawal.kill(target)
        time.sleep(run.random.uniform(0, 0.6))
    for _ in range(3):
        time.sleep(run.random.uniform(0.2, 0.8))
        run.redis.flush()
    return run.finish(allowed=4)


def short_embedded(bench: Bench) -> Result:
    return embedded_killed(bench, 3)


FULL: list[Callable] = [
    calm,
    killed,
    flushed,
    broker_killed,
    broker_away_at_start,
    database_restarted,
    mail_away,
    mail_refuses,
    answer_lost,
    slow_mail,
    many,
    clock_back,
    clock_back_killed,
    stopped,
    embedded_calm,
    embedded_killed,
    burst,
]


def run_all(scenarios: list[Callable], *, servers: bool, seed: int, say=print) -> list[Result]:
    """Run scenarios one after the other on servers of our own; returns what each showed.

    With FAULT_LOGS set to a folder, the logs of each run are copied there.
    """
    results = []
    with private_folder() as folder:
        bench = Bench(folder, servers=servers, seed=seed)
        try:
            for scenario in scenarios:
                result = scenario(bench)
                results.append(result)
                say(line(result))
                if kept := os.environ.get("FAULT_LOGS"):
                    run = folder / f"run-{bench.count}"
                    shutil.copytree(run, Path(kept) / f"{len(results)}-{seed}", dirs_exist_ok=True)
        finally:
            bench.stop()
            stop_everything()
    return results


HEAD = (
    f"{'scenario':<44} {'reminders':>9} {'lost':>5} {'twice':>6} {'distinct':>9} {'repeats':>8} {'allowed':>8} {'s':>6}"
)


def line(result: Result) -> str:
    words = (
        f"{result.name:<44} {result.reminders:>9} {result.lost:>5} {result.twice:>6} {result.distinct:>9} "
        f"{result.repeats:>8} {result.allowed:>8} {result.seconds:>6.0f}"
    )
    notes = [*([result.note] if result.note else []), *(f"WRONG: {one}" for one in result.wrong)]
    return f"{words}  {'; '.join(notes)}".rstrip()


def main(arguments: list[str]) -> int:
    """`bin/faults [short|full|NAME …] [seed=N]`; the exit code is 1 when anything was lost or told twice."""
    seed = next((int(one.partition("=")[2]) for one in arguments if one.startswith("seed=")), random.randrange(10**6))
    names = [one for one in arguments if not one.startswith("seed=")] or ["full"]
    by_name = {scenario.__name__: scenario for scenario in FULL}
    servers = has_servers()
    if names == ["short"]:
        scenarios = [short, short_embedded] if servers else [short_embedded]
    elif names == ["full"]:
        if not servers:
            print("make faults needs PostgreSQL (initdb, postgres) and Redis (redis-server) on this machine.")
            print("Debian: sudo apt-get install postgresql redis-server")
            return 2
        scenarios = FULL
    elif unknown := [name for name in names if name not in by_name]:
        print(f"Unknown: {', '.join(unknown)}. Choose short, full, or {', '.join(by_name)}.")
        return 2
    else:
        scenarios = [by_name[name] for name in names]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started here ends too
    print(f"Servers of our own on private ports, lease 6 s instead of 300, a beat a second; seed={seed}\n{HEAD}")
    results = run_all(scenarios, servers=servers, seed=seed, say=lambda words: print(words, flush=True))
    bad = [result for result in results if not result.is_good]
    total = sum(result.reminders for result in results)
    print(
        f"\n{total} reminders, {sum(result.lost for result in results)} lost, "
        f"{sum(result.repeats for result in results)} repeated under the same Message-ID, "
        f"{'all as promised' if not bad else f'{len(bad)} scenarios broke a promise'}"
    )
    return 1 if bad else 0
