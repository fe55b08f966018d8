"""Which scheduled letters a school has switched off, or lets run in the holidays too."""

from django.db import models

from attendance_mis.tenancy import SchoolOwned


class ScheduleSetting(SchoolOwned):
    """One scheduled task's switch at a school; without a row it is on, and rests in the holidays."""

    task = models.CharField(max_length=100)
    is_on = models.BooleanField(default=True)
    in_holidays = models.BooleanField(default=False)

    class Meta(SchoolOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["school", "task"], name="schedule_setting_once")]

    def __str__(self) -> str:
        return self.task
