"""How long a password may be: the same wherever one is chosen or asked for."""

from typing import Any

from django.core.exceptions import ValidationError

LONGEST = 200


class LengthValidator:
    """At most `LONGEST` characters, for AUTH_PASSWORD_VALIDATORS: the sign-in page takes no more."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(f"This password is too long. Choose one of at most {LONGEST} characters.")

    def get_help_text(self) -> str:
        return f"Your password can have at most {LONGEST} characters."
