"""docker-compose.yml is whole: every service has what production needs, every variable is in .env.example."""

import re
from pathlib import Path

import pytest
import yaml

from advocacy import settings as project_settings

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
OURS = ["migrate", "web", "worker", "beat"]
EXAMPLE = {
    line.partition("=")[0]
    for line in (ROOT / ".env.example").read_text().splitlines()
    if "=" in line and not line.startswith("#")
}


def test_it_has_the_production_shape():
    assert set(SERVICES) == {"db", "redis", "migrate", "web", "worker", "beat", "mail"}
    assert set(COMPOSE["volumes"]) == {"db", "redis", "data"}
    assert SERVICES["db"]["image"].startswith("postgres:17")
    assert SERVICES["redis"]["image"].startswith("valkey/valkey:8")


def test_the_mail_catcher_comes_only_when_asked_for():
    assert SERVICES["mail"]["profiles"] == ["mail"]
    assert not any("profiles" in service for name, service in SERVICES.items() if name != "mail")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_runs_as_root_or_gains_rights(name):
    assert SERVICES[name]["user"] not in ("root", "0", "0:0")
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_service_that_stays_is_health_checked_and_restarted(name):
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_everything_waits_for_migrations_that_run_once():
    for name in ("web", "worker", "beat"):
        waits = SERVICES[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert waits["db"] == waits["redis"] == {"condition": "service_healthy"}
    assert SERVICES["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert SERVICES["migrate"]["restart"] != "unless-stopped"


def test_the_worker_has_longer_to_stop_than_a_mail_may_take():
    seconds = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    assert seconds > 2 * project_settings.EMAIL_TIMEOUT


def test_only_the_machine_itself_reaches_a_published_port():
    for service in SERVICES.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_files_the_commands_name_exist():
    for name in OURS:
        for word in SERVICES[name]["command"]:
            if word.endswith(".py"):
                assert (ROOT / word).is_file(), word


def test_every_volume_that_is_mounted_is_declared():
    mounted = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert mounted == set(COMPOSE["volumes"])


def test_every_variable_compose_needs_is_in_the_example():
    assert set(re.findall(r"\$\{(\w+)", TEXT)) <= EXAMPLE


def test_a_key_that_is_missing_stops_compose_with_a_sentence():
    for name in ("SITE_URL", "SECRET_KEY", "HASH_KEY", "FIELD_KEYS", "EMAIL_URL", "POSTGRES_PASSWORD"):
        assert re.search(rf"\$\{{{name}:\?set it in \.env", TEXT), name


def test_every_variable_the_settings_read_is_in_the_example():
    text = (ROOT / "advocacy" / "settings.py").read_text()
    read = set(re.findall(r"env\.\w+\(\s*\"(\w+)\"", text))
    assert len(read) > 15
    assert read <= EXAMPLE


def test_the_example_names_nothing_that_is_not_read():
    code = "".join(
        path.read_text()
        for path in [
            ROOT / "advocacy" / "settings.py",
            ROOT / "gunicorn.conf.py",
            ROOT / "docker-compose.yml",
            ROOT / "bin" / "start.py",
            ROOT / "bin" / "prepare.py",
        ]
    )
    assert [name for name in sorted(EXAMPLE) if name not in code] == []


def test_the_example_holds_no_secret():
    for line in (ROOT / ".env.example").read_text().splitlines():
        name, _, value = line.partition("=")
        if name in {"SECRET_KEY", "HASH_KEY", "FIELD_KEYS", "POSTGRES_PASSWORD", "DEMO_PASSWORD", "ADMIN_PASSWORD"}:
            assert value == ""


def test_the_image_runs_as_an_ordinary_user_and_is_health_checked():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    last_stage = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM")) :]
    assert last_stage[0] == "FROM python:3.13-slim"
    assert any(line == "USER kawal" for line in last_stage)
    assert any(line.startswith("HEALTHCHECK") for line in last_stage)
    assert "--require-hashes" in "\n".join(lines)
