"""What a monitoring system asks; it has a token and no account."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST

from attendance_mis import metrics
from attendance_mis.permissions import open_to
from attendance_mis.requests import Request


@open_to("anyone")
@never_cache
@login_not_required
def see_metrics(request: Request) -> HttpResponse:
    """Figures in Prometheus' text format for who holds METRICS_TOKEN; 401 for others, 404 while there is none."""
    if not settings.METRICS_TOKEN:
        raise Http404("No METRICS_TOKEN is set.")
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
