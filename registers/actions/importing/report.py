"""What an import did, or would do: per kind of row, how many are new, changed, the same, or not in the pack."""

from dataclasses import dataclass, field

EXAMPLES = 20


@dataclass(slots=True)
class Tally:
    """The rows of one kind. `left` are rows of the school that the pack does not have: they stay, and are listed."""

    what: str
    new: int = 0
    changed: int = 0
    same: int = 0
    left: int = 0
    examples: list[str] = field(default_factory=list)

    def leave(self, example: str) -> None:
        self.left += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(example)

    def __str__(self) -> str:
        said = f"{self.what}: {self.new:,} new, {self.changed:,} changed, {self.same:,} the same"
        if self.left:
            listed = ", ".join(self.examples) + (", ..." if self.left > len(self.examples) else "")
            said += f"; {self.left:,} not in the file and left as they are ({listed})"
        return said


@dataclass(slots=True)
class Report:
    """What an import did, in the order of the files; before it what a person should see to."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def tally(self, what: str) -> Tally:
        return self.tallies.setdefault(what, Tally(what))

    @property
    def lines(self) -> list[str]:
        return [*self.warnings, *map(str, self.tallies.values()), *self.notes]

    @property
    def changes(self) -> int:
        """How many rows are new or changed."""
        return sum(tally.new + tally.changed for tally in self.tallies.values())
