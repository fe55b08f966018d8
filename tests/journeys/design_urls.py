"""The project's addresses and, as while developing, the page of all parts."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from attendance_mis.urls import urlpatterns as project

ERROR_PAGES = ("400", "403", "403_csrf", "404", "500")

urlpatterns = [
    *project,
    path("refused/", login_not_required(csrf_exempt(lambda request: HttpResponse("<p>Refused</p>", status=422)))),
    path("broken/", login_not_required(csrf_exempt(lambda request: HttpResponse(status=500)))),
    path("design/", include("reports.design")),
    *(
        path(f"error/{page}/", login_not_required(lambda request, page=page: render(request, f"{page}.html")))
        for page in ERROR_PAGES
    ),
]
