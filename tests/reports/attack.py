"""The arithmetic of somebody who wants to know what is hidden. It knows no Django and nothing of the product.

Sums of absence: a number follows when its set is a sum and difference of sets that were published (`Sums.give`).
Counts of pupils: a number is safe when there is another world, in which each pupil may be otherwise, that gives every
published number exactly and another one here. `World.another` finds such a world, and proves it by counting again; what
it does not find counts as given away.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from operator import add

PRIME = (1 << 61) - 1
Ids = frozenset[int]
State = frozenset[str]  # what is true of a pupil
Change = tuple[int, State]  # this pupil, otherwise


class Sums:
    """What can be added and subtracted from the sums over some sets, exactly.

    Modulo a prime of 61 bits: what follows by fractions follows there too, so nothing is missed.
    """

    def __init__(
        self,
        sets: Iterable[frozenset[Hashable]],
        identities: Iterable[tuple[frozenset[Hashable], frozenset[Hashable]]] = (),
    ) -> None:
        """`identities`: two sets whose sums are the same number, whatever it is."""
        published, alike_sums = list(dict.fromkeys(sets)), list(identities)
        known = [*published, *(side for both in alike_sums for side in both)]
        alike = defaultdict(list)  # what stands in the same sets cannot be told apart: one column for it all
        for each in frozenset().union(*known):
            alike[tuple(each in one for one in known)].append(each)
        self.columns = [frozenset(each) for each in alike.values()]
        self.lead: dict[int, list[int]] = {}
        rows = [[int(column <= one) for column in self.columns] for one in published]
        rows += [[(column <= one) - (column <= two) for column in self.columns] for one, two in alike_sums]
        for each_row in rows:
            row = self._reduced([number % PRIME for number in each_row])
            place = next((n for n, number in enumerate(row) if number), None)
            if place is not None:
                inverse = pow(row[place], -1, PRIME)
                self.lead[place] = [number * inverse % PRIME for number in row]

    def _reduced(self, row: list[int]) -> list[int]:
        for place, lead in self.lead.items():
            if factor := row[place]:
                row = [(a - factor * b) % PRIME for a, b in zip(row, lead, strict=True)]
        return row

    def give(self, wanted: frozenset[Hashable]) -> bool:
        """Whether the sum over `wanted` follows from those over the sets."""
        inside = [column <= wanted for column in self.columns]
        if frozenset().union(*(c for c, is_in in zip(self.columns, inside, strict=True) if is_in)) != wanted:
            return False  # it parts what nothing published tells apart
        return not any(self._reduced([int(each) for each in inside]))


@dataclass(frozen=True)
class Said:
    """What was published of a set of pupils: how many of them are so; or, of some numbers of them, that they fit."""

    ids: Ids
    labels: tuple[str, ...]
    fits: Callable[..., bool]
    what: str
    exactly: bool = False


def exactly(ids: Ids, label: str, number: int) -> Said:
    return Said(ids, (label,), lambda found: found == number, f"{number}", exactly=True)


class World:
    """How it truly is with each pupil, how it could be instead, and what was said."""

    # How many worlds that keep all exact numbers but may break another are looked at for one secret, and how many
    # pairs at each step; the longer search where the short one finds none.
    SEARCHES = ((100_000, 3), (3_000_000, 40))

    def __init__(
        self, truth: Mapping[int, State], choices: Callable[[int], Sequence[State]], said: Sequence[Said]
    ) -> None:
        self.truth, self.said = dict(truth), list(said)
        self.counted = [self._count(each, {}) for each in self.said]
        for each, counted in zip(self.said, self.counted, strict=True):
            assert each.fits(*counted), (
                f"the figures themselves: {each.labels} {counted} of {len(each.ids)}, {each.what}"
            )
        dice = random.Random(1)
        keys = [dice.getrandbits(64) for _ in self.said]
        # Of each way in which a pupil may be otherwise: what it moves in what was said, and that as one number, of the
        # exact ones alone, so that changes which undo one another there are found by it.
        self.moves: dict[Change, dict[int, tuple[int, ...]]] = {}
        self.changes: list[tuple[Change, int]] = []
        for pupil, state in self.truth.items():
            of_pupil = [(n, each) for n, each in enumerate(self.said) if pupil in each.ids]
            for other in choices(pupil):
                if other != state:
                    moves = {
                        n: tuple((label in other) - (label in state) for label in each.labels) for n, each in of_pupil
                    }
                    self.moves[pupil, other] = {n: by for n, by in moves.items() if any(by)}
                    exact = sum(keys[n] * by for n, (by, *_) in moves.items() if self.said[n].exactly)
                    self.changes.append(((pupil, other), exact))
        dice.shuffle(self.changes)  # so that those tried first are not all of one pupil
        self.single: dict[int, list[Change]] = defaultdict(list)
        for change, moved in self.changes:
            self.single[moved].append(change)
        self._pairs: dict[int, list[tuple[Change, Change]]] | None = None

    @property
    def pairs(self) -> dict[int, list[tuple[Change, Change]]]:
        if self._pairs is None:
            self._pairs = defaultdict(list)
            for (one, a), (two, b) in combinations(self.changes, 2):
                if one[0] != two[0]:
                    self._pairs[a + b].append((one, two))
        return self._pairs

    def _count(self, said: Said, changed: Mapping[int, State]) -> tuple[int, ...]:
        states = [changed.get(pupil, self.truth[pupil]) for pupil in said.ids]
        return tuple(sum(label in state for state in states) for label in said.labels)

    def another(self, ids: Ids, label: str) -> bool:
        """Whether how many of `ids` are so can be another number, with nothing published changed."""
        for tried, pairs in self.SEARCHES:
            for changes in islice(self._balanced(ids, label, pairs), tried):
                changed = dict(changes)
                if len(changed) == len(changes) and self._fits(changes):
                    assert all(each.fits(*self._count(each, changed)) for each in self.said), "counted again"
                    return True
        return False

    def _fits(self, changes: Iterable[Change]) -> bool:
        """Whether what was said fits after such changes, of different pupils; only what they move is looked at."""
        moved: dict[int, tuple[int, ...]] = {}
        for change in changes:
            for n, by in self.moves[change].items():
                moved[n] = tuple(map(add, moved.get(n, self.counted[n]), by))
        return all(self.said[n].fits(*counted) for n, counted in moved.items())

    def _balanced(self, ids: Ids, label: str, pairs: int) -> Iterator[tuple[Change, ...]]:
        """One to four changes that leave every exact number as it is, and alter the one asked for."""

        def alters(change: Change) -> int:
            pupil, state = change
            return ((label in state) - (label in self.truth[pupil])) if pupil in ids else 0

        first = [(change, moved) for change, moved in self.changes if alters(change)]
        for change, moved in first:
            if not moved:
                yield (change,)
        for change, moved in first:
            for other in self.single.get(-moved, ()):
                if alters(change) + alters(other):
                    yield change, other
        for change, moved in first:
            for pair in self.pairs.get(-moved, ()):
                if alters(change) + sum(map(alters, pair)):
                    yield change, *pair
        for change, moved in first:
            for other, also in self.changes:
                for pair in self.pairs.get(-moved - also, ())[:pairs]:
                    if alters(change) + alters(other) + sum(map(alters, pair)):
                        yield change, other, *pair
