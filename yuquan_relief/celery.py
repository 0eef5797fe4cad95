"""The Celery application: it carries doorbells, never intents (blueprint 5)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuquan_relief.settings")
app = Celery("yuquan_relief")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
