"""The settings of the processes that the fault tests start: production's own, with shorter waits.

A lease of six seconds instead of five minutes and a beat a second keep a run short; nothing else of the engine differs.
"""

import os
from datetime import timedelta
from pathlib import Path

import time_machine

from advocacy.settings import *  # noqa: F403
from members.rules import delivery

MESSAGE_LEASE = int(os.environ.get("FAULT_LEASE", "6"))
EMAIL_TIMEOUT = 3
CELERY_BEAT_SCHEDULE = {
    name: {**entry, "schedule": 1.0, "options": {"expires": 10}}
    for name, entry in CELERY_BEAT_SCHEDULE.items()  # noqa: F405
    if entry["schedule"] <= 60
}
CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS, "visibility_timeout": 15}  # noqa: F405
delivery.FIRST_WAIT, delivery.LONGEST_WAIT = timedelta(seconds=1), timedelta(seconds=5)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# The wall clock of these processes, moved by the seconds in a file, read at every look. Not libfaketime: under Python
# 3.11 its clock_nanosleep fails with EINVAL whenever the offset changes, and beat dies of it (seen here).
if offset_file := os.environ.get("FAULT_CLOCK"):
    _path = Path(offset_file)
    _traveller = time_machine.travel(0, tick=True).start()
    _traveller.time_ns = lambda: time_machine.escape_hatch.time.time_ns() + int(_path.read_text() or 0) * 10**9
