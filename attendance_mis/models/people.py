"""People who sign in, and what they are at each school."""

from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from attendance_mis.actors import Actor
from attendance_mis.models.schools import School, Trust
from attendance_mis.permissions import Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person who can sign in; without a password nobody can until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person with this e-mail address, however it was typed."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address. What she may do is in her memberships, nowhere else."""

    id = models.AutoField(primary_key=True)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    session_epoch = models.PositiveIntegerField(default=0, help_text="Counts up to end every session of this person.")
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def _current_memberships(self) -> list["Membership"]:
        return list(self.memberships.filter(ended_at=None).select_related("school").order_by("pk"))

    def current_memberships(self) -> list["Membership"]:
        """What she is today, at every school and trust; read once per request."""
        return self._current_memberships

    def keep_memberships(self, memberships: list["Membership"]) -> None:
        """Take what she is from a statement that has read it with her (`signed_in`)."""
        self.__dict__["_current_memberships"] = memberships

    def get_session_auth_hash(self) -> str:
        """The hash that every session carries; it changes with the password and with `session_epoch`."""
        return self._epoch_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self):  # type: ignore[no-untyped-def]
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._epoch_hash(secret)

    def _epoch_hash(self, secret: str) -> str:
        return salted_hmac(
            "attendance_mis.User.session", f"{self.password}:{self.session_epoch}", secret=secret, algorithm="sha256"
        ).hexdigest()


class Membership(models.Model):
    """What one person is at one school (or, for a trust lead, at one trust), from a day until she leaves."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="memberships", null=True, blank=True)
    trust = models.ForeignKey(Trust, on_delete=models.PROTECT, related_name="memberships", null=True, blank=True)
    role = models.CharField(max_length=20, choices=Role)
    position = models.CharField(max_length=100, help_text="As it stands beside her name on an amendment.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "school", "role"], condition=models.Q(ended_at=None), name="membership_once"
            ),
            models.CheckConstraint(
                condition=models.Q(role=Role.TRUST_LEAD, school=None, trust__isnull=False)
                | (~models.Q(role=Role.TRUST_LEAD) & models.Q(school__isnull=False, trust=None)),
                name="membership_of_a_school_or_a_trust",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.position}"

    def actor(self) -> Actor:
        """This person in this position, as the one in whose name something is written."""
        return Actor(name=self.user.name, position=self.position, user_id=self.user_id)


class SignInFailure(models.Model):
    """A refused sign-in, counted per address and machine for the lock-out; holds hashes only."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="sign_in_failures")]

    def __str__(self) -> str:
        return f"{self.at}"
