"""A person's own page of her calendar; attendance_mis/urls.py names this file as a string."""

from django.urls import path

from casework.views import feeds

urlpatterns = [
    path("", feeds.see_feed, name="see_feed"),
    path("make/", feeds.make_feed, name="make_feed"),
    path("end/", feeds.end_feed, name="end_feed"),
]
