import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "ENV_FILE": "",
    "SITE_URL": "https://kawal.example.org",
    "SECRET_KEY": "s3cret-" * 9,
    "HASH_KEY": "h4sh-" * 9,
    "FIELD_KEYS": "Y2hlY2stb25seS1maWVsZC1rZXktMzItYnl0ZXMhISE=",
    "REDIS_URL": "redis://127.0.0.1:6379/15",
    "EMAIL_URL": "smtp://127.0.0.1:25",
    "TRUSTED_PROXY_COUNT": "1",
}
TELL = """
import json
from advocacy import settings
told = {name: getattr(settings, name) for name in dir(settings) if name.isupper() and name != "LANGUAGES"}
told["STATICFILES"] = settings.STORAGES["staticfiles"]["BACKEND"]
print(json.dumps(told, default=str))
"""


@pytest.fixture(scope="session")
def production(tmp_path_factory):
    """The settings as a production environment makes them, read in a process of their own."""
    folder = tmp_path_factory.mktemp("production")
    told = subprocess.run(
        [sys.executable, "-c", TELL],
        env=ENVIRONMENT | {"DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(told.stdout)
