"""What is wrong with a pack: where, and what to do about it."""

from dataclasses import dataclass, field

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: file, line (0: the file as a whole), column (empty: the whole line) and a sentence."""

    file: str
    line: int
    column: str
    sentence: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(filter(None, [place, self.column, self.sentence]))


@dataclass(slots=True)
class Faults:
    """The first 200 faults of a run in the order found, and how many there are."""

    shown: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(self, file: str, sentence: str, *, line: int = 0, column: str = "") -> None:
        self.count += 1
        if len(self.shown) < SHOWN:
            self.shown.append(Fault(file, line, column, sentence))

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def verdict(self) -> str:
        """How many there are, in a sentence."""
        if self.count > len(self.shown):
            return f"{self.count:,} errors; the first {SHOWN} are shown. Nothing was written."
        return f"{self.count} error{'s' if self.count > 1 else ''}. Nothing was written."


class PackRefused(Exception):
    """The pack has faults; nothing was written."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(faults.verdict)
        self.faults = faults
