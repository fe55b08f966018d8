"""The web server makes what pages need before it forks, so that nobody's page waits for it."""

import subprocess
import sys

from django.conf import settings

ASKED = """
import sys, attendance_mis.wsgi
from django.template import engines
before = set(sys.modules)
from django.urls import resolve
resolve("/s/123456/figures/school/")
print(len(engines["django"].engine.template_loaders[0].get_template_cache) > 200, sorted(set(sys.modules) - before))
"""


def test_addresses_and_templates_are_there_before_the_first_page():
    done = subprocess.run([sys.executable, "-c", ASKED], cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert done.stdout == "True []\n", done.stderr
