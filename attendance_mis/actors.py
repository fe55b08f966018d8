"""Who does a thing: the person and position that every change carries."""

from dataclasses import dataclass

from attendance_mis.promises import promised


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in a position (or a named piece of the system) in whose name something is written."""

    name: str
    position: str
    user_id: int | None = None

    def __str__(self) -> str:
        return f"{self.name}, {self.position}"

    @property
    def person(self) -> int:
        """The user's id. Raises LookupError for the system, which decides nothing that a person must."""
        return promised(self.user_id)

    @classmethod
    def system(cls, what: str) -> "Actor":
        """The system itself, acting by rule: `what` names the command or task."""
        return cls(name="System", position=what)
