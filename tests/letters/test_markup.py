"""The markup of letters: what is refused with which place, what is drawn, and that hostile text only prints."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters import markup, wording
from letters.cautions import About, Before, cautions
from letters.fields import GIVEN, fields_of, samples_of
from letters.markup import BrokenText, as_html, as_plain, missing, parse
from letters.occasions import CHOICES, Occasion, of_label
from letters.starters import starter_of
from tests.conftest import TODAY

FIELDS = fields_of(Occasion.LATENESS)
VALUES = samples_of(Occasion.LATENESS)


def html(text, **values):
    return as_html(parse(text, FIELDS), {**VALUES, **values})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Dear {{salutaton}},", "There is no field 'salutaton' for this letter (line 1, column 6). Did you mean"),
        ("a\n\nb {{times_late", "A field is not closed, or not opened, at line 3, column 3"),
        ("{{if times_late > 3}}late", "{{if}} at line 1, column 1 is never ended"),
        ("late{{end}}", "{{end}} at line 1, column 5 ends nothing"),
        ("{{else}}", "{{else}} at line 1, column 1 belongs to no {{if}}"),
        ("{{if times_late > many}}x{{end}}", "compares times_late with 'many', which is no number"),
        ("{{if pupil > A}}x{{end}}", "pupil is no number, only = and != compare it"),
        ("{{if what is this}}x{{end}}", "cannot be read"),
        ("{{if nothing_known}}x{{end}}", "asks about 'nothing_known', which this letter does not know"),
        ("See {{late_table}} here", "is a table: give it a paragraph of its own"),
        ("{{ settings }}", "There is no field 'settings'"),
        ("{{meeting_day}}", "There is no field 'meeting_day'"),
        ("\ue0000\ue001", "cannot be printed"),
        ("x" * 5_000_000, "20000 are the most"),
        ("{{if pupil}}" * 11, "more than 10 deep"),
        (" \n ", "The text is empty"),
    ],
)
def test_what_is_refused_and_where(text, fault):
    with pytest.raises(BrokenText) as broken:
        parse(text, FIELDS)
    assert any(fault in each for each in broken.value.faults), broken.value.faults


HOSTILE_TEXTS = {
    "{{ settings }}": "There is no field 'settings'",
    "{{ settings.SECRET_KEY }}": "There is no field",
    "{{pupil.school}}": "There is no field 'pupil.school'",
    "{{if settings}}x{{end}}": "asks about 'settings'",
    "{{" + "pupil|safe}}": "There is no field 'pupil|safe'",
    "x" * 5_000_000: "20000 are the most",
    "| a |\n" * 1_000_000: "20000 are the most",
}


@pytest.mark.parametrize("part", ["subject", "body", "short", "translation"])
@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=lambda text: f"{text[:24]} ({len(text)})")
def test_hostile_words_are_refused_wherever_they_are_written(text, part):
    good, where = {"subject": "A letter", "body": "Dear {{salutation}}", "short": "Ring us"}, part
    if part == "translation":
        good, where = {"subject": "একটি চিঠি", "body": "Dear {{salutation}}"}, "body"
    found = wording.faults(Occasion.LATENESS, **{**good, where: text}, translated=part == "translation")
    assert {name for name, _ in found} == {where}
    assert any(HOSTILE_TEXTS[text] in fault for _, fault in found)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("one\ntwo\n\nthree", "<p>one<br>two</p>\n<p>three</p>"),
        ("# Head\ntext", "<h2>Head</h2>\n<p>text</p>"),
        ("- a\n- **b**", "<ul><li>a</li><li><b>b</b></li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("| a | b |\n|---|---|\n| c |", '<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
         "<tbody><tr><td>c</td><td></td></tr></tbody></table>"),
        ("{{if times_late >= 6}}six{{else}}few{{end}}", "<p>six</p>"),
        ("{{if days_missed > 12.5}}more{{end}}", "<p>more</p>"),
        ("{{if not siblings}}alone{{end}}", ""),
        ("{{percent}} on {{today}}", "<p>88.4 per cent on Tuesday 11 March 2025</p>"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("![x](file:///etc/passwd)", "<p>![x](file:///etc/passwd)</p>"),
        ("{% include 'x' %}", "<p>{% include &#x27;x&#x27; %}</p>"),
    ],
)  # fmt: skip
def test_what_is_drawn(text, drawn):
    assert html(text) == drawn


def test_a_value_turns_nothing_around():
    """A control character in a name, as an import may bring it, changes no word after it."""
    assert html("{{pupil}} missed", pupil="Amina\u202e\u2067\x07") == "<p>Amina missed</p>"
    assert html("{{late_table}}", late_table=[["Day"], ["\u202eMonday"]]).count("Monday") == 1
    assert "\u202e" not in html("{{late_table}}", late_table=[["Day"], ["\u202eMonday"]])


def test_a_number_in_an_arabic_letter_keeps_its_order():
    """The groups of 020 7946 0000 would else stand from back to front: each value is isolated (Unicode TR 9)."""
    text = parse("اتصل على {{school_telephone}}", FIELDS)
    assert as_html(text, VALUES, is_english=False) == "<p>اتصل على \u2068020 7946 0000\u2069</p>"
    assert as_plain(parse("{{siblings}}", FIELDS), {}, is_english=False) == "\n"


def test_a_notice_to_improve_says_how_many_may_follow():
    fields = fields_of(Occasion.NOTICE_TO_IMPROVE)
    body = parse(starter_of(Occasion.NOTICE_TO_IMPROVE).body, fields)
    said = {
        allowed: as_plain(body, {**samples_of(Occasion.NOTICE_TO_IMPROVE), "sessions_allowed": allowed})
        for allowed in ("", 0, 1, 4)
    }
    assert all("there must be no absence that is not authorised" in said[none] for none in ("", 0))
    assert "at most 1 session of absence" in said[1]
    assert "at most 4 sessions of absence" in said[4]


HOSTILE = st.text(alphabet="<>&\"'{}|*#-\n1. ab\ue000\ue0010", max_size=60)


@settings(max_examples=200)
@given(HOSTILE)
def test_a_value_is_only_ever_printed(value):
    assert set(markup.re.findall(r"<[^>]*>", html("x {{pupil}} y", pupil=value))) <= {"<p>", "</p>", "<br>"}


@settings(max_examples=200)
@given(HOSTILE)
def test_a_text_makes_no_element_but_ours(text):
    ours = {"p", "br", "b", "h2", "ul", "ol", "li", "table", "thead", "tbody", "tr", "td", 'th scope="col"', "th"}
    try:
        drawn = html(text)
    except BrokenText:
        return
    assert {tag.strip("</>") for tag in markup.re.findall(r"<[^>]*>", drawn)} <= ours


def test_values_that_are_missing():
    fields = fields_of(Occasion.MEETING)
    text = parse("{{meeting_day}} {{if meeting_place}}{{meeting_place}}{{end}}{{percent}}{{absent_since}}", fields)
    assert [field.name for field in missing(text, {"percent": ""})] == ["meeting_day", "percent"]
    text = parse("{{if not pupil}}{{meeting_day}}{{end}}", fields)
    assert missing(text, {"pupil": "Amina"}) == []


def test_plain_text_of_an_email():
    text = parse("# Head\n\n**Bold** {{pupil}}\n\n{{late_table}}", FIELDS)
    assert (
        as_plain(text, {**VALUES, "late_table": [["Day"], ["Monday"]]}) == "Head\n\nBold Amina Begum\n\nDay\nMonday\n"
    )


@pytest.mark.parametrize("occasion", Occasion)
def test_every_starter_text_says_all_that_it_asks_for(occasion):
    starter, fields = starter_of(occasion), fields_of(occasion)
    for text in (starter.subject, starter.body):
        parsed = parse(text, fields)
        assert missing(parsed, samples_of(occasion)) == []
        assert "{{" not in as_html(parsed, samples_of(occasion))
    for given_ in GIVEN.get(occasion, ()):
        assert given_.name in parsed.names, f"{given_.name} is asked for and never said"
    words = markup.re.findall(r"[A-Za-z']+", as_plain(parsed, samples_of(occasion)))
    sentences = markup.re.split(r"[.!?:]\s|\n", as_plain(parsed, samples_of(occasion)))
    longest = max(len(each.split()) for each in sentences)
    assert longest <= 35, "a reader of eleven loses the thread"
    assert sum(map(len, words)) / len(words) < 5


def test_an_occasion_is_found_by_the_label_a_policy_writes():
    assert of_label(" stage 1 ") is Occasion.STAGE_1
    assert of_label("Our own letter") is None
    assert len(CHOICES) == 24


def about(occasion=Occasion.CONCERN, **facts):
    plain = {
        "occasion": occasion, "today": TODAY, "forename": "Amina", "absence": 20, "illness": 2, "without_reason": 0,
        "unmarked": 0, "on_roll": True, "sen": "N", "medical_note": False, "part_time": False, "contacts": 1,
        "recipients": 1, "without_address": [], "without_email": [], "without_mobile": [],
        "barred": [], "sensitivities": [], "before": [],
        "again_after_weeks": 4,
    }  # fmt: skip
    return cautions(About(**{**plain, **facts}))


def before(occasion, day=TODAY, pupil="Zara", *, same=False, waiting=False):
    return [Before(occasion, day, pupil, same, waiting)]


@pytest.mark.parametrize(
    ("facts", "warning"),
    [
        ({}, None),
        ({"before": before(Occasion.LATENESS)}, "The family also gets 'Lateness' for Zara today."),
        ({"before": before(Occasion.CONCERN, waiting=True)}, "(it waits for approval too)"),
        ({"occasion": Occasion.FORMAL_WARNING, "before": before(Occasion.CONGRATULATION)}, "It contradicts the letter"),
        ({"occasion": Occasion.CONGRATULATION, "before": before(Occasion.STAGE_3)}, "It contradicts the letter"),
        ({"illness": 11}, "Most of the absence is illness or appointments (11 of 20 sessions)"),
        ({"illness": 11, "occasion": Occasion.ILLNESS}, None),
        ({"sen": "E"}, "education, health and care plan"),
        ({"sen": "K"}, "SEN support"),
        ({"medical_note": True}, "medical note or plan"),
        ({"sensitivities": [("medical_plan", "")]}, "medical note or plan"),
        ({"sensitivities": [("bereavement", "")]}, "There is a bereavement in the family."),
        ({"part_time": True}, "part-time timetable"),
        (
            {"before": before(Occasion.CONCERN, TODAY.replace(day=1), same=True)},
            "The same letter went on 1 March 2025.",
        ),
        ({"before": before(Occasion.CONCERN, TODAY.replace(month=1), same=True)}, None),
        ({"without_reason": 3}, "3 sessions stand without a reason (N): ask first."),
        ({"unmarked": 1}, "1 session stands without a mark."),
        ({"recipients": 0}, "Nobody with parental responsibility receives letters."),
        ({"recipients": 0, "contacts": 0}, "There is no contact for this pupil."),
        ({"without_address": ["Ms Ahmed"]}, "The address of Ms Ahmed is not complete."),
        ({"without_email": ["Ms Ahmed"]}, "There is no e-mail address of Ms Ahmed: that copy is printed."),
        ({"without_mobile": ["Ms Ahmed"]}, "There is no mobile number of Ms Ahmed: that copy is printed."),
        ({"sensitivities": [("court_order", "No contact by post")]}, "A court order is noted (No contact by post)."),
        ({"sensitivities": [("other", "New baby at home.")]}, "Noted: New baby at home."),
        ({"barred": ["Mr Ahmed"]}, "A court order bars Mr Ahmed: no copy goes there."),
        ({"on_roll": False}, "not on roll today"),
    ],
)
def test_warnings(facts, warning):
    found = about(**facts)
    assert len(found) == (warning is not None)
    assert warning is None or warning in found[0]
