"""The Celery app. Tasks wake the work; rows in the database say what the work is."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "advocacy.settings")

app = Celery("advocacy")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()  # other threads must see this app, or a retry speaks to amqp://localhost
app.autodiscover_tasks(["members", "cases"])
