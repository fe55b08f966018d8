from importlib import import_module

from django.apps import AppConfig


class AttendanceMisConfig(AppConfig):
    name = "attendance_mis"
    verbose_name = "Attendance MIS"

    def ready(self) -> None:
        for name in ("receivers", "checks"):  # connected by being imported
            import_module(f"attendance_mis.{name}")
