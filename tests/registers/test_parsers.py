"""What comes in from outside is read or refused in words, whatever it holds: never an error of ours."""

import contextlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters import markup
from letters.fields import fields_of
from letters.occasions import Occasion
from registers import ctf, upn
from registers.pack.faults import Faults
from registers.pack.people import read_people
from registers.pack.school import read_school
from registers.term_dates import read_term_dates
from tests.packs import Pack

quick = settings(max_examples=80)
TODAY = date(2025, 3, 11)
CTF = (Path(__file__).parent / "ctf" / "version_25.xml").read_bytes()
FIELDS = fields_of(Occasion.LATENESS)
PACK = Pack().files
# Bytes cut out of a file that is right, and others put there.
wounds = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), st.binary(max_size=20)), min_size=1, max_size=4)


def wounded(content: bytes, places: list[tuple[float, int, bytes]]) -> bytes:
    for share, cut, put in places:
        at = int(share * len(content))
        content = content[:at] + put + content[at + cut :]
    return content


@quick
@given(wounds)
def test_a_wounded_transfer_file(tmp_path, places):
    path = tmp_path / "file.xml"
    path.write_bytes(wounded(CTF, places))
    faults = Faults()
    assert ctf.read_ctf(path, faults, TODAY) is not None or faults


@pytest.mark.parametrize("name", sorted(PACK))
@quick
@given(places=wounds)
def test_a_wounded_pack(tmp_path, name, places):
    for other, content in PACK.items():
        (tmp_path / other).write_text(content)
    (tmp_path / name).write_bytes(wounded(PACK[name].encode(), places))
    faults = Faults()
    read_school(tmp_path, faults)
    read_people(tmp_path, {}, TODAY, faults)
    assert all(fault.sentence for fault in faults.shown)


@quick
@given(st.text(max_size=300) | st.from_regex(r"(HT[1-6]|Autumn term|INSET)[ :]+\d{1,2} \w+ (to|-) \d{1,2} \w+ \d{4}"))
def test_any_list_of_term_dates(text):
    periods, _ = read_term_dates(text, 2024)
    assert all(period.start <= period.end for period in periods)


@quick
@given(st.text(alphabet="{}if notelsend_pupilday |#*-\n<&", max_size=200))
def test_any_text_of_a_letter(text):
    with contextlib.suppress(markup.BrokenText):
        page = markup.as_html(markup.parse(text, FIELDS), {})
        assert "<script" not in page


@quick
@given(st.text(max_size=14))
def test_any_upn(text):
    assert upn.why_not_upn(text) or len(text) == 13
