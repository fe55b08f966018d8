"""The project's settings under test: development, a cheap password hash, and no files for a cache."""

import os

os.environ["ATTENDANCE_MIS_ENV"] = "development"

from attendance_mis.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if not REDIS_URL:  # noqa: F405
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
