"""A real Celery worker and beat as threads of the one web process, for the `memory://` broker."""

import logging
import os
import threading
from contextlib import suppress

from celery.beat import Service

from advocacy.celery import app

logger = logging.getLogger(__name__)

DIED = 70  # not 3 or 4: those tell gunicorn's master to give up instead of forking again


class Embedded:
    """Worker (a pool of threads) and beat inside this process.

    If either dies it takes the process with it: gunicorn's master forks a new one, and the leases in the database
    bring back what was under way.
    """

    def __init__(self, *, concurrency: int = 2):
        self.worker = app.WorkController(
            pool="threads",
            concurrency=concurrency,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        self.beat = Service(app, max_interval=1, scheduler_cls=app.conf.beat_scheduler, remote_control=False)
        self.threads = [
            threading.Thread(target=self._live, args=(name, part), daemon=True, name=f"celery-{name}")
            for name, part in (("worker", self.worker), ("beat", self.beat))
        ]

    def start(self):
        app.set_default()
        for thread in self.threads:
            thread.start()

    def stop(self, *, timeout: float = 3.0):
        """Stop beat, let the running tasks finish for `timeout` seconds, then let go: leases cover the rest."""
        stopper = threading.Thread(target=self._stop, daemon=True, name="celery-stop")
        stopper.start()
        stopper.join(timeout)

    def _live(self, name, part):
        app.set_current()
        try:
            part.start()
        except SystemExit:
            pass
        except BaseException:
            logger.exception("the embedded %s died; ending this process so that a new one starts", name)
            os._exit(DIED)

    def _stop(self):
        for part in (self.beat, self.worker):
            with suppress(Exception):
                part.stop()
        for thread in self.threads:
            thread.join()
