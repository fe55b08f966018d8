"""Floor 1: settings, urls, celery, and the ground every app stands on: schools, people, roles, tenancy, audit."""

from attendance_mis.celery import app as celery_app

__all__ = ["celery_app"]
