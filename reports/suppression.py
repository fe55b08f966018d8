"""Small numbers in figures that people without a name in them may read: what is hidden, and what that gives away.

A table counts pupils of a whole by rows of several families (years, sex, SEN, each characteristic). A number of fewer
than `threshold` pupils is hidden, zero too, so that "hidden" never says whether there is one. Hiding one number is not
enough: years add up to the school, a group and the rest of the school are the school, free school meals lie within
free school meals of the last six years. So a number is also hidden when numbers that stay would let it be worked out
from them: by subtraction within a family, from two groups one of which lies within the other, and, proven by linear
algebra over the pupils, by any adding and subtracting of everything that is published. The reader is taken to know
which pupil is in which group.

What is hidden looks the same whatever hid it. Pure: sets of pupil ids in, names of rows out.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Pupils = frozenset[int]
Families = Mapping[str, Mapping[str, Pupils]]


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """A row of a family; the whole is the row without a name of the family without a name."""

    family: str = ""
    name: str = ""


WHOLE = Row()
BAND = 5
_PRIME = (1 << 61) - 1
_ROOM = 96  # bits of a number, so that a thousand million of them can be added
_MASK, _FIELD = (1 << 61) - 1, (1 << _ROOM) - 1


@dataclass(frozen=True, slots=True)
class Count:
    """What is counted in each row: `having` of the pupils `among` each of these sets, the widest first.

    A number is small when fewer than the threshold have it, or fewer than the threshold of those among do not: "all
    but one of the persistent are severe" is as telling as "one is".
    """

    having: Pupils
    among: tuple[Pupils, ...] = ()

    def is_small(self, pupils: Pupils, threshold: int) -> bool:
        having = pupils & self.having
        rests = ((pupils & outer) - having for outer in self.among)
        return len(having) < threshold or any(len(rest) < threshold for rest in rests)


def hidden(
    whole: Pupils, families: Families, threshold: int, count: Count | None = None, already: Iterable[Row] = ()
) -> frozenset[Row]:
    """The rows whose number is hidden, those `already` hidden among them.

    Without `count` the number is that of the row's pupils, and a row so hidden shows nothing at all. The rows of a
    family share no pupil; they need not hold everybody. A row without a pupil is a number where nobody may know that
    there is none; leave it out where that is no secret.
    """
    count = count or Count(whole)
    table = {WHOLE: whole} | {Row(f, name): pupils for f, rows in families.items() for name, pupils in rows.items()}
    found = {row for row, pupils in table.items() if count.is_small(pupils, threshold)}
    found |= table.keys() & set(already)
    before = -1
    while len(found) > before:
        before = len(found)
        for family in families:
            _hide_in_family(family, table, found, threshold, count)
        _hide_nested(table, found, threshold, count)
        if len(found) == before:
            _hide_worked_out(table, found, threshold, count)
    return frozenset(found)


def hidden_for_good(tables: Iterable[tuple[Pupils, Families]], threshold: int) -> frozenset[Row]:
    """The rows hidden in tables of one day after another, where what was hidden once stays hidden.

    Each is a whole with its families: who was there. Sums of any of these days, from any first to any last, read on any
    of the evenings, then give no small number, provided none shows a row that was hidden on its last day (decision
    0067). Of one day they leave a sum and difference of the rows shown on it or later, and those were all shown on it.
    """
    dark: frozenset[Row] = frozenset()
    for whole, families in tables:
        dark |= hidden(whole, families, threshold, already=dark)
    return dark


def band(number: int, threshold: int) -> str:
    """A number that is not small as the five it lies among, counted from the threshold: no band is of one number.

    Of what only grows, two bands tell the least and the most that came between, never the number (decision 0066).
    """
    first = number - (number - threshold) % BAND
    return f"{first} to {first + BAND - 1}"


def _rows_of(family: str, table: Mapping[Row, Pupils]) -> list[Row]:
    return [row for row in table if row.family == family]


def _rest(family: str, table: Mapping[Row, Pupils]) -> Pupils:
    """The pupils in no row of the family: nobody prints their number, and everybody can work it out."""
    return table[WHOLE] - frozenset().union(*(table[row] for row in _rows_of(family, table)))


def _hide_in_family(family: str, table: Mapping[Row, Pupils], found: set[Row], threshold: int, count: Count) -> None:
    """Whole less what is shown is what is hidden: it must be two rows at least, and together no small number."""
    if WHOLE in found:
        return
    rows, rest = _rows_of(family, table), _rest(family, table)
    while True:
        shown = sorted((row for row in rows if row not in found), key=lambda row: (len(table[row]), row))
        dark = [row for row in rows if row in found]
        together = rest.union(*(table[row] for row in dark))
        alone = len(dark) == 1 and not rest
        if not shown or not (dark or rest) or not (alone or count.is_small(together, threshold)):
            return
        found.add(shown[0])


def _hide_nested(table: Mapping[Row, Pupils], found: set[Row], threshold: int, count: Count) -> None:
    """Two groups shown, one within the other: what lies between them must be no small number."""
    shown = sorted((row for row in table if row not in found), key=lambda row: len(table[row]))
    for n, inner in enumerate(shown):
        for outer in shown[n + 1 :]:
            if table[inner] < table[outer] and count.is_small(table[outer] - table[inner], threshold):
                found.add(inner)
                break


def _hide_worked_out(table: Mapping[Row, Pupils], found: set[Row], threshold: int, count: Count) -> None:
    """Hide one more row if something hidden, or its rest, follows from what is shown by adding and subtracting."""
    shown = [row for row in table if row not in found]
    space = _Space(table)
    basis = space.basis(shown)
    secrets = [(row.family, table[row], True) for row in found]
    secrets += [(family, _rest(family, table), False) for family in sorted({row.family for row in table} - {""})]
    secrets += [(family, table[WHOLE] - pupils, False) for family, pupils, _ in secrets]
    for family, pupils, is_row in secrets:
        if pupils and (is_row or count.is_small(pupils, threshold)) and space.holds(basis, pupils):
            needed = [row for row in shown if row != WHOLE and space.needs(shown, row, pupils)]
            found.add(min(needed or shown, key=lambda row: (row.family != family, len(table[row]), row)))
            return


class _Space:
    """Sets of pupils as vectors: what can be worked out from some is what they span.

    Each pupil is a random vector of a few more numbers modulo a prime than there are rows, so that a set in the span
    is always seen there, and another one only by a chance of one in 10^18: the error there is hides too much.
    """

    def __init__(self, table: Mapping[Row, Pupils]) -> None:
        dice = random.Random(1)  # noqa: S311 - a projection, not a secret; the same each time
        self.table = table
        self.size = len(table) + 2
        # The numbers of a pupil stand side by side in one integer, with room for their sums: adding is one step.
        places = sum(_MASK << (place * _ROOM) for place in range(self.size))
        self.vectors = {pupil: dice.getrandbits(self.size * _ROOM) & places for pupil in sorted(table[WHOLE])}

    def vector(self, pupils: Pupils) -> list[int]:
        total = sum(self.vectors[pupil] for pupil in pupils)
        return [(total >> (place * _ROOM) & _FIELD) % _PRIME for place in range(self.size)]

    def basis(self, rows: Sequence[Row]) -> list[tuple[int, list[int]]]:
        """The rows' vectors in echelon form: each with the place of its leading one."""
        found: list[tuple[int, list[int]]] = []
        for row in rows:
            vector = _reduced(found, self.vector(self.table[row]))
            place = next((n for n, number in enumerate(vector) if number), None)
            if place is not None:
                inverse = pow(vector[place], -1, _PRIME)
                found.append((place, [number * inverse % _PRIME for number in vector]))
        return found

    def holds(self, basis: list[tuple[int, list[int]]], pupils: Pupils) -> bool:
        return not any(_reduced(basis, self.vector(pupils)))

    def needs(self, rows: Sequence[Row], row: Row, pupils: Pupils) -> bool:
        """Whether the set can no longer be worked out once this row is hidden."""
        return not self.holds(self.basis([each for each in rows if each != row]), pupils)


def _reduced(basis: Iterable[tuple[int, list[int]]], vector: list[int]) -> list[int]:
    for place, lead in basis:
        if factor := vector[place]:
            vector = [(a - factor * b) % _PRIME for a, b in zip(vector, lead, strict=True)]
    return vector
