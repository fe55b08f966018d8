"""The sessions of people who are signed in, one row each, so that a person sees and ends her own."""

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from attendance_mis.models.people import User


class Session(AbstractBaseSession):
    """One browser that knows somebody; nobody's while she has not signed in."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")

    class Meta(AbstractBaseSession.Meta):
        pass

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """What reads and writes these rows."""
        from attendance_mis.sessions import SessionStore

        return SessionStore

    def __str__(self) -> str:
        return f"{self.expire_date}"
