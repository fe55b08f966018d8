from importlib import import_module

from django.apps import AppConfig


class AttendanceMisConfig(AppConfig):
    name = "attendance_mis"
    verbose_name = "Attendance MIS"

    def ready(self) -> None:
        import_module("attendance_mis.receivers")  # connected by being imported
