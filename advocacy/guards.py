"""What keeps a careless installation from starting: every refusal says why and what to do."""

from urllib.parse import urlsplit

LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
PLACEHOLDER = "insecure-"
KEYS_HINT = "Run `sh bin/run env` to write a .env file with fresh random keys."


def is_local(site_url: str) -> bool:
    """Whether this address can only be reached from the machine itself."""
    return urlsplit(site_url).hostname in LOCAL_HOSTS


def problems(
    *,
    debug: bool,
    demo: bool,
    site_url: str,
    secure: bool,
    secure_chosen: bool,
    secret_key: str,
    field_keys: list[str],
    hash_key: str,
    broker: str,
    processes: int,
    proxies: int,
    separate_worker: bool,
    mail_chosen: bool,
) -> list[str]:
    """The sentences that say why this configuration must not start; an empty list lets it start."""
    found = []
    local = is_local(site_url)
    if debug and not local:
        found.append(
            f"DEBUG is on but SITE_URL is {site_url}: error pages would show passwords and patients to strangers. "
            "Set DEBUG=0."
        )
    if broker.startswith("memory"):
        if processes > 1:
            found.append(
                f"REDIS_URL is memory:// but WEB_CONCURRENCY is {processes}: a broker in memory serves one process. "
                "Set REDIS_URL to a Redis or Valkey server, or WEB_CONCURRENCY=1."
            )
        if separate_worker:
            found.append(
                "REDIS_URL is memory:// but a separate Celery process was started: it would never hear of any work. "
                "Set REDIS_URL to a Redis or Valkey server; with memory:// the web process runs the worker itself."
            )
    if debug or (demo and local):
        return found
    for name, value in (("SECRET_KEY", secret_key), ("HASH_KEY", hash_key)):
        if value.startswith(PLACEHOLDER) or not value:
            found.append(f"{name} is missing or still the example. {KEYS_HINT}")
        elif len(value) < 32:
            found.append(f"{name} is shorter than 32 characters, so it can be guessed. {KEYS_HINT}")
    if not field_keys or any(key.startswith(PLACEHOLDER) for key in field_keys):
        found.append(f"FIELD_KEYS is missing or still the example. {KEYS_HINT}")
    if not secret_key.startswith(PLACEHOLDER) and (secret_key == hash_key or hash_key in field_keys):
        found.append(f"SECRET_KEY, HASH_KEY and FIELD_KEYS must differ, so that one leak opens one door. {KEYS_HINT}")
    if not local and not secure and not secure_chosen:
        found.append(
            f"SITE_URL is {site_url}: passwords and health data would travel unencrypted. "
            "Use an https:// address (or set SECURE=0 if something in front takes care of it)."
        )
    if secure and not proxies:
        found.append(
            "SITE_URL is https:// but TRUSTED_PROXY_COUNT is 0, so nothing says that a visitor came by TLS and every page "
            "would redirect to itself. Put a proxy with TLS in front and set TRUSTED_PROXY_COUNT=1."
        )
    if not local and not demo and not mail_chosen:
        found.append(
            "EMAIL_URL is not set: reminders would be written to a file instead of being sent. "
            "Set it, for example EMAIL_URL=smtp+tls://user:password@mail.example.org:587."
        )
    return found
