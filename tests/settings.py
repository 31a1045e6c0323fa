"""The settings of the tests: the same file as everywhere, in an environment of its own.

Whatever the shell or a `.env` says is left out, except the servers the suite is to run on (DATABASE_URL, REDIS_URL).
"""

import atexit
import os
import shutil
import tempfile

OURS = {
    "ENV_FILE": "",
    "DEBUG": "0",
    "DEMO": "0",
    "MFA_REQUIRED": "0",
    "SITE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "SECRET_KEY": "tests-only-secret-key-of-forty-characters",
    "HASH_KEY": "tests-only-hash-key-of-forty-characters-x",
    "FIELD_KEYS": "dGVzdHMtb25seS1maWVsZC1rZXktMzItYnl0ZXMhISE=",
    "EMAIL_URL": "memorymail://",
    "WEB_CONCURRENCY": "1",
}
for name in ("SECURE", "TRUSTED_PROXY_COUNT", "CSRF_TRUSTED_ORIGINS", "STATIC_ROOT", "MAX_UPLOAD", "LOG_LEVEL"):
    os.environ.pop(name, None)
os.environ.update(OURS)
if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="kawal-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

from advocacy.settings import *  # noqa: E402, F403

TESTING = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True  # no `staticfiles` folder is needed
WHITENOISE_USE_FINDERS = True
CRISPY_FAIL_SILENTLY = False
CELERY_TASK_DEFAULT_QUEUE = f"tests-{os.getpid()}"  # processes of one run share a broker, not their work
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405
