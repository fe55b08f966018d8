"""The project's settings under test: development, a cheap password hash, no files for a cache, and static files found
when they are asked for, not all of them for every `Client`."""

import os

os.environ["ATTENDANCE_MIS_ENV"] = "development"

from attendance_mis.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if not REDIS_URL:  # noqa: F405
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
WHITENOISE_AUTOREFRESH = True
# A clock that ticks each second for one test sends only what the test is about.
if only := os.environ.get("CLOCK_SENDS"):
    SCHOOL_TASKS = {task: at for task, at in SCHOOL_TASKS.items() if task.startswith(only)}  # noqa: F405
