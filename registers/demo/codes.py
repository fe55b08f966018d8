"""The codes that the demonstration uses, by their numbers in the set of 2024, and what they were before."""

from datetime import date

from registers.codes import code_for

SET_2024 = date(2024, 8, 19)


def _number(letter: str, day: date = SET_2024) -> int:
    return code_for(letter, day).number


AM, PM, L = _number("/"), _number("\\"), _number("L")
B, K, P, V = _number("B"), _number("K"), _number("P"), _number("V")
LEAVE, C1, C2, E, I, J1, M, R, T = map(_number, ("C", "C1", "C2", "E", "I", "J1", "M", "R", "T"))  # noqa: E741
G, N, O, U = map(_number, "GNOU")  # noqa: E741
D, X, Y4 = _number("D"), _number("X"), _number("Y4")
PRESENT = frozenset((AM, PM))

# What a code of the set of 2024 was called before: its number in the set of 2006.
_OLD_LETTER = {"C1": "C", "C2": "C", "J1": "J", "K": "B", "Y4": "Y"}
_LETTERS = ("/", "\\", "L", "B", "K", "P", "V", "C", "C1", "C2", "E", "I", "J1", "M", "R", "T", *"GNOU", "D", "X", "Y4")
_OLD = {_number(letter): _number(_OLD_LETTER.get(letter, letter), date(2023, 9, 1)) for letter in _LETTERS}


def in_force_on(day: date, number: int) -> int:
    """The number of what this code of 2024 is called on a day: before it came into force, its predecessor's."""
    return number if day >= SET_2024 else _OLD[number]
