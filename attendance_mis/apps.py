from django.apps import AppConfig


class AttendanceMisConfig(AppConfig):
    name = "attendance_mis"
    verbose_name = "Attendance MIS"
