"""From a fresh checkout to a running Kawal, with nothing but Python's standard library.

Each step leaves a stamp of what it was done for, and is skipped while the stamp still holds.
"""

import base64
import hashlib
import json
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("VENV") or ROOT / ".venv")
PYTHON = VENV / "bin" / "python"
ENV_FILE = Path(os.environ.get("ENV_FILE") or ROOT / ".env")
CHROMIUMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def say(text: str) -> None:
    print(text, flush=True)


def give_up(text: str) -> None:
    sys.exit(f"\n{text}")


def digest(*paths: Path, contents: bool = True) -> str:
    """One number for these files and folders: it changes when any of them does."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if file.suffix == ".pyc" or not file.exists():
                continue
            total.update(str(file.relative_to(ROOT)).encode() + b"\0")
            stat = file.stat()
            total.update(file.read_bytes() if contents else f"{stat.st_size} {stat.st_mtime_ns}".encode())
    return total.hexdigest()


# --- Virtual environment ---------------------------------------------------------------------------------------------


def setup(lock: str = "requirements.txt") -> None:
    """`.venv` with exactly what the lock names, every file checked against its hash."""
    wanted = f"{digest(ROOT / lock)} {sys.version_info[:2]}"
    stamps = {name: VENV / f".kawal-{name}" for name in ("requirements.txt", "requirements-dev.txt")}
    works = PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], check=False).returncode == 0
    if works and stamps[lock].exists() and stamps[lock].read_text() == wanted:
        return
    if not works:
        say("Creating the virtual environment ...")
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True)
        if made.returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            version = f"{sys.version_info[0]}.{sys.version_info[1]}"
            give_up(
                "Python's venv module is missing or broken on this machine.\n"
                f"Debian or Ubuntu: sudo apt install python3-venv   (or python{version}-venv), then start again.\n\n"
                f"What Python said: {(made.stdout + made.stderr).strip()[-400:]}"
            )
    say(f"Installing the packages named in {lock} (once; needs the internet) ...")
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    pip += [] if os.environ.get("HOME") else ["--no-cache-dir"]
    if subprocess.run([*pip, "-r", ROOT / lock], check=False).returncode:
        give_up("The packages could not be installed. Check the internet connection, then start again.")
    stamps[lock].write_text(wanted)
    if lock == "requirements-dev.txt":  # holds the others too
        stamps["requirements.txt"].write_text(f"{digest(ROOT / 'requirements.txt')} {sys.version_info[:2]}")


# --- .env ------------------------------------------------------------------------------------------------------------


def write_env() -> None:
    """`.env` with fresh random keys, readable by its owner alone; one that is there already is left as it is."""
    if ENV_FILE.exists():
        return
    field_key = base64.urlsafe_b64encode(os.urandom(32)).decode()
    password = os.environ.get("DEMO_PASSWORD") or "-".join(secrets.token_hex(2) for _ in range(4))
    lines = [
        "# Written by `make run`. .env.example explains every name. Keep a copy of the three keys in a safe place:",
        "# without FIELD_KEYS and HASH_KEY nobody can read the identities in the database again.",
        f"SECRET_KEY={secrets.token_urlsafe(48)}",
        f"FIELD_KEYS={field_key}",
        f"HASH_KEY={secrets.token_urlsafe(48)}",
        f"DEMO={os.environ.get('DEMO') or '1'}",
        f"DEMO_PASSWORD={password}",
    ]
    descriptor = os.open(ENV_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(lines) + "\n")
    say(f"Wrote {ENV_FILE.name} with fresh random keys.")


def read_env() -> dict[str, str]:
    """The environment as the settings will see it: the process first, then `.env`."""
    found = {}
    for line in ENV_FILE.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not name.lstrip().startswith("#"):
            found[name.strip().removeprefix("export ")] = value.partition(" #")[0].strip().strip("'\"")
    return found | {name: value for name, value in os.environ.items() if value}


# --- Database and static files ---------------------------------------------------------------------------------------


def data_dir(env: dict[str, str]) -> Path:
    return Path(env.get("DATA_DIR") or ROOT / "data").resolve()


def applied(env: dict[str, str]) -> str:
    """Which migrations the SQLite file really has; "" when it has no user yet, "?" for a server, asked every time."""
    if env.get("DATABASE_URL"):
        return "?"
    path = data_dir(env) / "db.sqlite3"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
            has_user = database.execute("SELECT 1 FROM members_user LIMIT 1").fetchone()
        return f"{path.stat().st_ino} {hashlib.sha256(repr(rows).encode()).hexdigest()}" if has_user else ""
    except (sqlite3.Error, OSError):
        return ""


def prepare(env: dict[str, str]) -> None:
    """Migrations, reference rows, demo or first admin, static files: only what changed since the last start."""
    locks = ROOT / "requirements.txt"
    code = [ROOT / app / part for app in ("members", "cases") for part in ("migrations", "data", "management")]
    wanted = {"code": digest(locks, *code), "demo": env.get("DEMO", "1")}
    stamp = data_dir(env) / ".prepared.json"
    static_root = Path(env.get("STATIC_ROOT") or ROOT / "staticfiles")
    static_wanted = f"{digest(locks)} {digest(ROOT / 'static', contents=False)} {static_root}"
    static_stamp = ROOT / ".stamps" / "static"

    before = json.loads(stamp.read_text()) if stamp.exists() else {}
    is_prepared = bool(applied(env)) and before == wanted | {"applied": applied(env)} and not env.get("DATABASE_URL")
    has_static = static_stamp.exists() and static_stamp.read_text() == static_wanted
    has_static = has_static and (static_root / "staticfiles.json").exists()
    if is_prepared and has_static:
        return
    steps = ([] if is_prepared else ["database"]) + ([] if has_static else ["static"])
    say("Preparing " + " and ".join({"database": "the database", "static": "static files"}[s] for s in steps) + " ...")
    if subprocess.run([PYTHON, ROOT / "bin" / "prepare.py", *steps], env=env, cwd=ROOT, check=False).returncode:
        give_up("Kawal could not be prepared; the lines above say why.")
    stamp.write_text(json.dumps(wanted | {"applied": applied(env)}))
    static_stamp.parent.mkdir(exist_ok=True)
    static_stamp.write_text(static_wanted)


# --- Run -------------------------------------------------------------------------------------------------------------


def run() -> None:
    """Everything up to a served page, then the web server takes over this process."""
    setup()
    write_env()
    env = read_env()
    host, port = env.setdefault("HOST", "127.0.0.1"), env.setdefault("PORT", "8000")
    refuse_taken_port(host, port)
    env.setdefault("DEMO", "1")
    env.setdefault("SITE_URL", f"http://localhost:{port}")
    env["ENV_FILE"] = str(ENV_FILE)
    env["EMBEDDED_WORKER"] = "1"
    env["WEB_CONCURRENCY"] = "1"
    env.setdefault("OBJC_DISABLE_INITIALIZE_FORK_SAFETY", "YES")  # macOS: the server forks after it has loaded Python
    data_dir(env).mkdir(mode=0o700, parents=True, exist_ok=True)
    prepare(env)
    env["KAWAL_BANNER"] = str(write_banner(env))
    os.execve(PYTHON, [str(PYTHON), "-m", "gunicorn", "-c", "gunicorn.conf.py"], env)


def refuse_taken_port(host: str, port: str) -> None:
    if not port.isdecimal() or not 0 < int(port) < 65536:
        give_up(f"PORT must be a number from 1 to 65535, not {port}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except PermissionError:
            give_up(f"This user may not use port {port}. Choose another: make run PORT=8001")
        except OSError:
            give_up(f"Port {port} is taken by another program. Stop it, or choose another: make run PORT=8001")


def write_banner(env: dict[str, str]) -> Path:
    """The lines the server prints once it answers."""
    lines = ["", f"  Kawal is ready:  {env['SITE_URL']}", ""]
    logins = data_dir(env) / "demo-logins.json"
    if env["DEMO"] == "1" and logins.exists():
        demo = json.loads(logins.read_text())
        lines += [f"  Sign in as  {', '.join(demo['users'])}", f"  Password    {demo['password']}", ""]
    if not env.get("EMAIL_URL"):
        lines += [f"  Mail is written to {data_dir(env) / 'mail'}"]
    lines += ["  Ctrl-C stops everything.", ""]
    banner = data_dir(env) / ".banner"
    banner.touch(mode=0o600)
    banner.write_text("\n".join(lines))
    return banner


# --- Tests -----------------------------------------------------------------------------------------------------------


def test(arguments: list[str]) -> None:
    """The whole suite in the same virtual environment."""
    setup("requirements-dev.txt")
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if not chromium:
        give_up(
            "The tests drive a real browser, and this machine has no Chromium.\n"
            "Debian: sudo apt-get install chromium   Ubuntu: sudo snap install chromium   macOS: Google Chrome\n"
            "If it is elsewhere, name it: CHROMIUM=/path/to/chromium make test"
        )
    arguments = arguments or ["-n", "2", "--dist", "loadfile", "-q", "-m", "not fault"]
    env = os.environ | {"CHROMIUM": chromium}
    os.execve(PYTHON, [str(PYTHON), "-m", "pytest", *arguments], env)


def main(words: list[str]) -> None:
    os.chdir(ROOT)
    match words:
        case ["run"]:
            run()
        case ["setup"]:
            setup()
        case ["setup-dev"]:
            setup("requirements-dev.txt")
        case ["env"]:
            write_env()
        case ["test", *arguments]:
            test(arguments)
        case _:
            give_up("sh bin/run [run | setup | setup-dev | env | test]")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
