"""The web server. With an embedded worker there is one process; otherwise WEB_CONCURRENCY of them."""

import os
import signal
import sys
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "advocacy.settings")
try:
    embedded = settings.EMBEDDED or os.environ.get("EMBEDDED_WORKER") == "1"
except ImproperlyConfigured as refusal:
    sys.exit(str(refusal))

wsgi_app = "advocacy.wsgi"
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = 1 if embedded else settings.WEB_CONCURRENCY
threads = 8
timeout = 60
graceful_timeout = 4 if embedded else 25
keepalive = 5
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
loglevel = os.environ.get("GUNICORN_LOG", "warning")
if os.environ.get("ACCESS_LOG") == "1":
    accesslog = "-"
    access_log_format = "%(m)s %(U)s %(s)s %(B)s bytes %(L)s s"  # no query, no address, no browser

running = {}


def post_worker_init(worker):
    """Start the worker and beat beside the threads that serve pages, and say where the pages are."""
    if embedded:
        from advocacy.embedded import Embedded  # noqa: PLC0415  Django is ready only now

        running[os.getpid()] = Embedded()
        running[os.getpid()].start()
    banner = os.environ.get("KAWAL_BANNER")
    if banner and worker.age == 1:
        print(Path(banner).read_text(), flush=True)


def worker_exit(server, worker):
    """End within the time Ctrl-C promises; what is cut off comes back by its lease."""
    mine = running.pop(os.getpid(), None)
    if mine:
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        mine.stop(timeout=2.5)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
