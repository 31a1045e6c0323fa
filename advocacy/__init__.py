"""The project: settings, urls, the Celery app, health. It holds no rule and nothing imports it."""

from advocacy.celery import app as celery_app

__all__ = ("celery_app",)
