"""What a calendar program asks for; attendance_mis/urls.py names this file as a string."""

from django.urls import path

from casework.views import feeds

urlpatterns = [path("<str:secret>/calendar.ics", feeds.read_feed, name="read_feed")]
