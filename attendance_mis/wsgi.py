"""The application as the web server loads it, once, before it forks (gunicorn.conf.py)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "attendance_mis.settings")

application = get_wsgi_application()

from attendance_mis.beforehand import prepare_pages  # noqa: E402 - it needs the apps

prepare_pages()
