import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers.upn import LETTERS, check_letter, is_temporary, make_upn, why_not_upn

serials = st.integers(0, 999) | st.builds("{:02}{}".format, st.integers(0, 99), st.sampled_from(LETTERS))
upns = st.builds(make_upn, st.integers(0, 999), st.integers(0, 9999), st.integers(1990, 2040), serials)


@pytest.mark.parametrize(
    "upn",
    [
        pytest.param("B801200005001", id="7.3"),
        pytest.param("H823432100123", id="7.4 permanent H"),
        pytest.param("N207123424001", id="7.4 permanent N"),
        pytest.param("G93510000000A", id="7.4 temporary G"),
        pytest.param("M80120000500A", id="7.4 temporary M"),
    ],
)
def test_published_vectors(upn):
    assert why_not_upn(upn) is None
    assert check_letter(upn[1:]) == upn[0]
    assert is_temporary(upn) == upn.endswith("A")


@pytest.mark.parametrize(
    ("upn", "fault"),
    [
        ("A801200005001", "check letter is wrong, expected B"),
        ("B801200005002", "check letter is wrong, expected Q"),
        ("", "must have 13 characters, has 0"),
        ("B80120000500", "must have 13 characters, has 12"),
        ("I801200005001", "must begin with a capital letter other than I, O and S"),
        ("b801200005001", "must begin with a capital letter other than I, O and S"),
        ("B80120000500S", "must have 12 digits"),
        ("B80120A005001", "must have 12 digits"),
        ("B80120000500\u0661", "must have 12 digits"),
    ],
)
def test_what_is_wrong(upn, fault):
    assert why_not_upn(upn).startswith(fault)


@pytest.mark.parametrize(
    ("parts", "upn"), [((801, 2000, 2005, 1), "B801200005001"), ((935, 1000, 2000, "00A"), "G93510000000A")]
)
def test_make(parts, upn):
    assert make_upn(*parts) == upn


@pytest.mark.parametrize("parts", [(1000, 1, 5, 1), (1, 10000, 5, 1), (1, 1, 5, 1000), (1, 1, 5, "00S")])
def test_parts_that_do_not_fit(parts):
    with pytest.raises(ValueError, match="eleven digits"):
        make_upn(*parts)


@given(upns)
def test_every_made_upn_is_valid(upn):
    assert why_not_upn(upn) is None


@given(upns, st.integers(1, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(upn, place, step):
    digit = str((int(upn[place]) + step) % 10)
    assert "check letter is wrong" in why_not_upn(upn[:place] + digit + upn[place + 1 :])
