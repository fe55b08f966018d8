"""The clock. Rows are the queue: a task claims a row, so a task that runs twice does no harm."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "attendance_mis.settings")

app = Celery("attendance_mis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
