"""Every PDF that the product makes, held by veraPDF to all 106 rules of PDF/UA-1 (ISO 14289-1) that a program can check."""

from datetime import datetime

import pytest
from time_machine import Traveller

from tests.conftest import Cast
from tests.factories import LONDON
from tests.hard_school import make_hard
from tests.papers import KINDS
from tests.verapdf import failures

AFTERNOON = datetime(2025, 3, 11, 16, tzinfo=LONDON)


@pytest.mark.parametrize("school", ["plain", "hard"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind(kind: str, school: str, cast: Cast, clock: Traveller) -> None:
    clock.move_to(AFTERNOON)
    if school == "hard":
        make_hard(cast)
    made = list(KINDS[kind](cast))
    assert made
    import os

    if os.environ.get("KEEP"):
        for n, pdf in enumerate(made):
            name = kind.replace(":", "-").replace(" ", "-")
            __import__("pathlib").Path(os.environ["KEEP"], f"{name}-{school}-{n}.pdf").write_bytes(pdf)
    found = [(n, each) for n, pdf in enumerate(made) for each in failures(pdf)]
    assert not found, "\n".join(f"{n}: {f.rule} {f.message} {f.place}" for n, f in found[:20])
