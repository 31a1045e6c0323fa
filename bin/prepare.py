"""One Django process for everything a start may have to do first: `prepare.py database static`."""

import getpass
import io
import json
import os
import secrets
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "advocacy.settings")

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import call_command
from django.db import connection

try:
    django.setup()
except ImproperlyConfigured as refusal:
    sys.exit(str(refusal))

from django.contrib.auth.password_validation import validate_password

from advocacy import first_tables
from members.models import User
from members.services import accounts

DEMO_USERS = ["relawan", "koordinator", "pimpinan", "admin"]


def database() -> None:
    first_tables.make(connection)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("seed_reference", verbosity=0, stdout=io.StringIO())
    if User.objects.exists():
        return
    if settings.DEMO:
        seed_demo()
    else:
        first_admin()


def seed_demo() -> None:
    print("Building the demo union (once; takes a moment) ...", flush=True)
    password = os.environ.get("DEMO_PASSWORD") or secrets.token_hex(8)
    os.environ["DEMO_PASSWORD"] = password
    call_command("seed_demo", verbosity=0, stdout=io.StringIO())
    logins = settings.DATA_DIR / "demo-logins.json"
    logins.touch(mode=0o600)
    logins.write_text(json.dumps({"users": DEMO_USERS, "password": password}))


def first_admin() -> None:
    """The one account that invites all others, from the environment or asked for here."""
    username = os.environ.get("ADMIN_USERNAME", "")
    email = os.environ.get("ADMIN_EMAIL", "")
    password = os.environ.get("ADMIN_PASSWORD", "")
    if not (username and password):
        if not sys.stdin.isatty():
            print(
                "There is no user yet. Set ADMIN_USERNAME, ADMIN_EMAIL and ADMIN_PASSWORD and start again, "
                "or run: .venv/bin/python manage.py createsuperuser",
                flush=True,
            )
            return
        print("\nThe first admin of this installation (invites everyone else):", flush=True)
        username = username or ask("  User name: ")
        email = email or ask("  E-mail: ")
        password = ask_password(User(username=username, email=email))
    try:
        accounts.create_first_admin(username=username, email=email, password=password)
    except ValidationError as refusal:
        sys.exit("The first admin was not made: " + " ".join(refusal.messages))
    print(f"Admin {username} is ready: sign in, then open {settings.SITE_URL}/kelola/", flush=True)


def ask(question: str) -> str:
    while True:
        answer = input(question).strip()
        if answer:
            return answer


def ask_password(user: User) -> str:
    while True:
        password = getpass.getpass("  Password (12 characters or more): ")
        try:
            validate_password(password, user)
        except ValidationError as refusal:
            print("  " + " ".join(refusal.messages))
            continue
        if password == getpass.getpass("  The same once more: "):
            return password
        print("  The two differ.")


def static() -> None:
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)


if __name__ == "__main__":
    try:
        for step in sys.argv[1:]:
            {"database": database, "static": static}[step]()
    except (KeyboardInterrupt, EOFError):
        sys.exit("Stopped.")
