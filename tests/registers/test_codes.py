import csv
from datetime import date
from pathlib import Path

import pytest

from registers import codes
from registers.calendar_rules import Session
from registers.codes import Category, MustRecord, NotInForce, SetBy, UnknownCode, by_number, code_for, why_not_code

LAST_OF_2006, FIRST_OF_2024 = date(2024, 8, 18), date(2024, 8, 19)
IN_2024 = date(2025, 1, 6)
SHARED = Path(__file__).parents[2].parent / "shared" / "domain"


@pytest.mark.parametrize("code_set", [2006, 2024])
def test_data_keeps_the_facts_of_the_published_table(code_set):
    source = SHARED / f"codes_{code_set}.csv"
    if not source.exists():
        pytest.skip("the published table is not on this machine")
    rows = list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))
    ours = {code.letter: code for code in codes.CODES if code.code_set == code_set}
    assert list(ours) == [row["code"] for row in rows]
    for row in rows:
        code = ours[row["code"]]
        assert row["category"].removeprefix("attending ") == code.category.value
        assert [row[f"counts_as_{what}"] == "yes" for what in ("possible", "present")] == [code.possible, code.attended]
        assert (row["physically_in_school"] == "yes") == code.in_building
        if None not in row:  # the published row of S has a comma too many, which moves its dates
            assert row["in_force_from"] == f"{code.in_force_from}"
            assert row["in_force_to"] == f"{code.in_force_to or ''}"


def test_numbers_are_unique_and_each_set_has_its_own_hundred():
    assert len({code.number for code in codes.CODES}) == len(codes.CODES)
    assert all((code.number < 100) == (code.code_set == 2006) for code in codes.CODES)


@pytest.mark.parametrize("code", codes.CODES, ids=lambda code: f"{code.code_set}-{code.letter}")
def test_what_a_code_counts_as_follows_from_its_category(code):
    category = code.category
    assert code.attended == (category in (Category.ATTENDING, Category.APPROVED_ACTIVITY))
    assert code.possible == (category not in (Category.NOT_POSSIBLE, Category.ADMINISTRATIVE))
    assert code.possible == (code.number in codes.POSSIBLE)
    assert code.attended == (code.number in codes.ATTENDED)


@pytest.mark.parametrize(
    ("day", "category", "letters"),
    [
        pytest.param(FIRST_OF_2024, Category.ATTENDING, "/ \\ L", id="1.1 attending"),
        pytest.param(FIRST_OF_2024, Category.APPROVED_ACTIVITY, "K V P W B", id="1.1 approved activity"),
        pytest.param(FIRST_OF_2024, Category.AUTHORISED, "C C1 C2 E I J1 M R S T", id="1.1 authorised"),
        pytest.param(FIRST_OF_2024, Category.UNAUTHORISED, "G N O U", id="1.1 unauthorised"),
        pytest.param(FIRST_OF_2024, Category.NOT_POSSIBLE, "D Q X Y1 Y2 Y3 Y4 Y5 Y6 Y7", id="1.1 not possible"),
        pytest.param(FIRST_OF_2024, Category.ADMINISTRATIVE, "Z #", id="1.1 administrative"),
        pytest.param(LAST_OF_2006, Category.ATTENDING, "/ \\ L", id="2.1 attending"),
        pytest.param(LAST_OF_2006, Category.APPROVED_ACTIVITY, "B J P V W", id="2.1 approved activity"),
        pytest.param(LAST_OF_2006, Category.AUTHORISED, "C E H I M R S T", id="2.1 authorised"),
        pytest.param(date(2013, 8, 31), Category.AUTHORISED, "C E F H I M R S T", id="2.1 authorised with F"),
        pytest.param(LAST_OF_2006, Category.UNAUTHORISED, "G N O U", id="2.1 unauthorised"),
        pytest.param(LAST_OF_2006, Category.NOT_POSSIBLE, "D X Y", id="2.1 not possible"),
        pytest.param(date(2021, 1, 4), Category.COVID, "X02 X03 X04 X05 X06 X07 X08 X09", id="2.7 covid"),
        pytest.param(date(2021, 1, 4), Category.NOT_POSSIBLE, "D X Y X01", id="2.7 not possible"),
        pytest.param(LAST_OF_2006, Category.COVID, "", id="2.8 covid over"),
    ],
)
def test_categories_in_force(day, category, letters):
    in_force = {code.letter for code in codes.codes_in_force(day) if code.category is category}
    assert in_force == set(letters.split())


def test_j_is_attending_before_the_switch_and_j1_an_absence_after_it():
    assert code_for("J", LAST_OF_2006).attended
    assert not code_for("J1", FIRST_OF_2024).attended


def test_the_same_letter_is_another_code_on_the_other_side_of_the_switch():
    before, after = code_for("I", LAST_OF_2006), code_for("I", FIRST_OF_2024)
    assert (before.code_set, after.code_set) == (2006, 2024)
    assert by_number(before.number) is before


def test_unknown_and_out_of_force_codes_say_so():
    with pytest.raises(UnknownCode, match="QQ is not an attendance code"):
        code_for("QQ", IN_2024)
    with pytest.raises(UnknownCode, match="an empty code"):
        code_for("", IN_2024)
    with pytest.raises(NotInForce, match=r"J is not in force on 2024-08-19 \(it was from 2006-09-01 to 2024-08-18\)"):
        code_for("J", FIRST_OF_2024)
    with pytest.raises(NotInForce, match=r"J1 is not in force on 2024-08-18 \(it is from 2024-08-19\)"):
        code_for("J1", LAST_OF_2006)
    with pytest.raises(NotInForce, match="F is not in force on 2013-09-01"):
        code_for("F", date(2013, 9, 1))
    with pytest.raises(NotInForce):
        code_for("I", date(2006, 8, 31))


@pytest.mark.parametrize(
    ("numbers", "letters"),
    [
        (codes.LATE, "L L"),
        (codes.NO_REASON, "N N"),
        (codes.PENALTY_COUNTED, "G O U G O U"),
        (codes.ILLNESS, "I I01 I02 I"),
        (codes.IN_BUILDING, "/ \\ L U / \\ L U"),
        (codes.APPROVED_ACTIVITY, "B J P V W K V P W B"),
        ({codes.PLAIN_X_2006}, "X"),
        ({codes.X02}, "X02"),
    ],
)
def test_named_sets_of_numbers(numbers, letters):
    assert [by_number(number).letter for number in sorted(numbers)] == letters.split()


@pytest.mark.parametrize(
    ("day", "compulsory_age", "counts_as"),
    [
        (date(2020, 8, 31), True, "X"),
        (date(2020, 9, 1), True, "X02"),
        (date(2022, 8, 31), True, "X02"),
        (date(2022, 9, 1), True, "X"),
        (date(2021, 1, 4), False, "X"),
    ],
)
def test_plain_x_of_2020_to_2022(day, compulsory_age, counts_as):
    counted = codes.counted_as(codes.PLAIN_X_2006, day, compulsory_age=compulsory_age)
    assert by_number(counted).letter == counts_as


def refused(letter, *, day=IN_2024, session=Session.AM, compulsory_age=True, by_hand=True, **facts):
    return why_not_code(
        code_for(letter, day), day=day, session=session, compulsory_age=compulsory_age, by_hand=by_hand, **facts
    )


@pytest.mark.parametrize(
    ("letter", "facts", "sentence"),
    [
        ("/", {"session": Session.PM}, "morning"),
        ("\\", {}, "afternoon"),
        ("/", {"session": Session.PM, "by_hand": False}, "morning"),
        pytest.param("X", {}, "outside compulsory school age", id="1.10"),
        ("X", {"by_hand": False}, "outside compulsory school age"),
        ("X", {"day": date(2020, 8, 31)}, "outside compulsory school age"),
        ("X", {"day": date(2022, 9, 1)}, "outside compulsory school age"),
        pytest.param("C2", {}, "plan", id="1.11 plan"),
        pytest.param("C2", {"has_plan": True, "compulsory_age": False}, "only for a pupil of", id="1.11 age"),
        pytest.param("B", {}, "nature", id="1.16"),
        ("K", {"nature": "  "}, "nature"),
        ("V", {"day": LAST_OF_2006}, "nature"),
        ("Y7", {}, "cause"),
        ("#", {}, "calendar"),
        ("#", {"by_hand": False}, "calendar"),
        ("Z", {"by_hand": False}, "admission date"),
        ("X02", {"day": date(2021, 1, 4)}, "use X"),
        ("I02", {"day": date(2021, 1, 4)}, "use I"),
    ],
)
def test_one_reason_refuses_a_code(letter, facts, sentence):
    reasons = refused(letter, **facts)
    assert len(reasons) == 1
    assert sentence in reasons[0]


@pytest.mark.parametrize(
    ("letter", "facts"),
    [
        ("/", {}),
        ("\\", {"session": Session.PM}),
        ("L", {"session": Session.PM}),
        ("X", {"compulsory_age": False}),
        ("X", {"day": date(2021, 1, 4)}),
        ("C2", {"has_plan": True}),
        ("C2", {"by_hand": False}),
        ("B", {"nature": "Forest school"}),
        ("B", {"by_hand": False}),
        ("Y7", {"nature": "Flood at home"}),
        ("X02", {"day": date(2021, 1, 4), "by_hand": False}),
    ],
)
def test_a_code_that_may_stand(letter, facts):
    assert refused(letter, **facts) == []


def test_a_code_of_the_other_set_may_not_stand():
    code = code_for("J", LAST_OF_2006)
    reasons = why_not_code(code, day=FIRST_OF_2024, session=Session.AM, compulsory_age=True, by_hand=True)
    assert reasons == ["J is not in force on 2024-08-19"]


def test_who_sets_and_what_is_recorded():
    now = codes.codes_in_force(IN_2024)
    assert [code.letter for code in now if code.set_by is SetBy.TEACHER] == ["/", "\\", "L", "N"]
    assert [code.letter for code in now if code.set_by is SetBy.HEAD] == ["C", "C1", "C2"]
    assert [code.letter for code in now if code.set_by is SetBy.NOBODY] == ["Z", "#"]
    assert {code.letter for code in now if code.must_record is MustRecord.NATURE} == set("BPVWK")
    assert {code.letter for code in now if code.must_record is MustRecord.CAUSE} == {f"Y{n}" for n in range(1, 8)}


def test_no_source_remark_reaches_people():
    for code in codes.CODES:
        assert code.short
        assert code.meaning
        assert not any(mark in f"{code.meaning} {code.notes}" for mark in ("(U", " U)", "reg 10", "EA1996", " C."))


@pytest.mark.parametrize(("letter", "within"), [("/", "present AM"), ("K", "LA provision"), ("N", "no reason yet")])
def test_a_short_name_within_a_sentence_keeps_its_capitals_of_old(letter, within):
    assert code_for(letter, date(2025, 3, 11)).within == within
