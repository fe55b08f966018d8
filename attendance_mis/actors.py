"""Who does a thing: the person and position that every change carries."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in a position (or a named piece of the system) in whose name something is written."""

    name: str
    position: str
    user_id: int | None = None

    def __str__(self) -> str:
        return f"{self.name}, {self.position}"

    @classmethod
    def system(cls, what: str) -> "Actor":
        """The system itself, acting by rule: `what` names the command or task."""
        return cls(name="System", position=what)
