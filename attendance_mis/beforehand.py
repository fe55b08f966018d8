"""What every page needs, made once before the web server forks: otherwise the first page of each process makes it.

That was a second of the processor: the modules behind the addresses, the addresses by name, and the templates.
"""

from django.conf import settings
from django.template import engines
from django.template.loader import get_template
from django.urls import reverse

TEMPLATES = settings.BASE_DIR / "templates"


def prepare_pages() -> None:
    """Import the modules of all pages, and compile their addresses and templates. Asks nothing of the database."""
    reverse("sign_in")  # one address is found by compiling all
    for path in TEMPLATES.rglob("*.html"):
        get_template(str(path.relative_to(TEMPLATES)))
    _ = engines["django"].engine.template_context_processors  # type: ignore[attr-defined]
