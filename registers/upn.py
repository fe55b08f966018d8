"""Unique pupil numbers: a check letter and twelve characters (law.md 7.1 to 7.5)."""

import re

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"  # 23 letters: I, O and S are never used
_BODY = re.compile(rf"[0-9]{{11}}[0-9{LETTERS}]")


def check_letter(body: str) -> str:
    """The first letter that belongs to the other twelve characters; the last of them is a letter in a temporary UPN.

    Raises ValueError when `body` is not eleven digits and a digit or letter (law.md 7.2).
    """
    if not _BODY.fullmatch(body):
        raise ValueError("a UPN has eleven digits and a digit or letter after its check letter")
    values = (int(char) if char.isdigit() else LETTERS.index(char) for char in body)
    return LETTERS[sum(value * weight for weight, value in enumerate(values, start=2)) % len(LETTERS)]


def why_not_upn(upn: str) -> str | None:
    """The first thing wrong with a UPN, or None: it is a valid permanent or temporary one."""
    if len(upn) != 13:
        return f"must have 13 characters, has {len(upn)}"
    if upn[0] not in LETTERS:
        return "must begin with a capital letter other than I, O and S"
    if not _BODY.fullmatch(upn[1:]):
        return "must have 12 digits after the first letter (the last may be a letter: a temporary UPN)"
    expected = check_letter(upn[1:])
    return None if upn[0] == expected else f"check letter is wrong, expected {expected}"


def is_temporary(upn: str) -> bool:
    """Whether a valid UPN is a temporary one: it ends with a letter."""
    return upn[-1].isalpha()


def make_upn(la: int, estab: int, year: int, serial: int | str) -> str:
    """A valid UPN of the school `la`/`estab`, allocated in `year`; a serial such as "00A" makes a temporary one.

    Raises ValueError when a part does not fit its places (law.md 7.5: 3 + 4 + 2 + 3).
    """
    body = f"{la:03}{estab:04}{year % 100:02}{serial:0>3}"
    return check_letter(body) + body
