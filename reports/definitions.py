"""What every figure means, who is counted and who is left out: the words of "Explain this number".

Pure. The sources are instruments and DfE's own methods; beside each stands the paragraph of law.md.
"""

from dataclasses import dataclass

from casework.clocks import Kind
from reports.challenge import TOKENS_A_TREAT
from reports.patterns import RULE


@dataclass(frozen=True, slots=True)
class Definition:
    """`part` of `whole`, both in words; `cohort`: only DfE's cohort is counted; `behind` names the list of pupils
    (`forms.SHOW`), None where there is none.
    """

    name: str
    meaning: str
    part: str
    whole: str
    left_out: str
    source: str
    cohort: bool = False
    behind: str | None = None


_NOT_POSSIBLE = (
    "Sessions that were not possible (codes D, X, Y, Z, #) count for nothing. Sessions without a mark are shown as "
    "unmarked and count for nothing until they are marked. Whoever left is counted up to her last day on roll."
)
_COHORT = (
    "Pupils who were under 5 or over 15 on 31 August at the start of the academic year, boarders, and pupils without a "
    "possible session are left out. Whoever left is counted up to her last day on roll."
)

_FORECAST = (
    "Sessions still to come are all taken to be possible, up to the last day of the school year or of hers on roll. "
    "Sessions that were not possible, or hold no mark yet, count for nothing."
)
_NO_WEEK = "Weeks without a possible session. A pupil counts in the class that she was in on the day."
_CHALLENGE = "The school's class challenge"
_AGREED = "The school's own rules"
_RECORD = "The school's own record of cases"
_CASES = "Cases that were closed before this school year began."
_ON_ROLL = "Pupils who are not on roll today."
_PENALTIES = "DfE, Working together to improve school attendance, penalty notices"  # law.md section 5

DEFINITIONS = {
    "missed": Definition(
        "Days missed",
        "Absence, authorised and unauthorised, in days: a session is half of one.",
        "sessions of absence, halved",
        "pupils",
        _NOT_POSSIBLE,
        "The School Attendance (Pupil Registration) (England) Regulations 2024, reg 10",  # law.md 1.1 to 1.5
        behind="missed",
    ),
    "attendance": Definition(
        "Attendance",
        "The share of possible sessions that were attended: present, late before the register closed, or at an "
        "approved educational activity. One decimal, halves up.",
        "sessions attended",
        "possible sessions",
        _NOT_POSSIBLE,
        "DfE, Working together to improve school attendance, codes",  # law.md 1.1 to 1.5, 4.10
        behind="missed",
    ),
    "persistent": Definition(
        "Persistent absence",
        "A pupil is persistently absent who missed 10 per cent or more of her own possible sessions: sessions missed "
        "times ten are at least the possible sessions, unrounded.",
        "pupils persistently absent",
        "pupils counted",
        _COHORT,
        "DfE, Pupil absence statistics: methodology",  # law.md 4.1, 4.3 to 4.6
        cohort=True,
        behind="persistent",
    ),
    "severe": Definition(
        "Severe absence",
        "A pupil is severely absent who missed 50 per cent or more of her own possible sessions. She is persistently "
        "absent too.",
        "pupils severely absent",
        "pupils counted",
        _COHORT,
        "DfE, Pupil absence statistics: methodology",  # law.md 4.2 to 4.6
        cohort=True,
        behind="severe",
    ),
    "at-risk": Definition(
        "At risk",
        "A pupil is at risk who is not persistently absent this year, and becomes so before the year ends "
        "when she goes on as in the last 30 school days.",
        "pupils at risk",
        "pupils with a possible session",
        "Pupils with fewer than 20 possible sessions so far, two school weeks: it is too early to say.",
        "The school's own forecast",  # law.md 4.1
        behind="at-risk",
    ),
    "unexplained": Definition(
        "Unexplained",
        "Sessions still coded N: no reason is known yet. N is to be replaced within five school days.",
        "sessions coded N",
        "possible sessions",
        _NOT_POSSIBLE,
        "DfE, Working together to improve school attendance, code N",  # law.md 1.8
        behind="unexplained",
    ),
    "unauthorised": Definition(
        "Unauthorised",
        "Sessions of absence that the school did not authorise: codes G, N, O and U.",
        "sessions of unauthorised absence",
        "possible sessions",
        _NOT_POSSIBLE,
        "DfE, Working together to improve school attendance, codes",  # law.md 1.1 to 1.5
        behind="unauthorised",
    ),
    "authorised": Definition(
        "Authorised",
        "Sessions of absence that the school authorised: codes C, C1, C2, E, I, J1, M, R, S and T, and before 19 "
        "August 2024 F and H too.",
        "sessions of authorised absence",
        "possible sessions",
        _NOT_POSSIBLE,
        "DfE, Working together to improve school attendance, codes",  # law.md 1.1 to 1.5, 2.1
    ),
    "late": Definition(
        "Late",
        "Arrivals after the register was taken and before it closed: code L. They are attended; U, after the register "
        "closed, is unauthorised absence.",
        "sessions coded L",
        "possible sessions",
        _NOT_POSSIBLE,
        "DfE, Working together to improve school attendance, code L",  # law.md 1.3
        behind="late",
    ),
    "unmarked": Definition(
        "Unmarked",
        "Sessions of the school on days a pupil was on roll that hold no mark yet.",
        "sessions without a mark",
        "sessions of the school",
        "Sessions of a day that has not ended count as unmarked until their registers are taken.",
        "interchange.md, attendance_summary",
        behind="unmarked",
    ),
    "pupils": Definition(
        "Pupils",
        "Pupils who were on roll on a school day of these days. Year and class are those of the last of them.",
        "pupils with a possible session",
        "pupils",
        "Nobody who was on roll; who left counts for the days before.",
        "interchange.md, attendance_summary",
        behind="",
    ),
    "absence": Definition(
        "Sessions missed",
        "The share of possible sessions that were missed, authorised or not. One decimal, halves up.",
        "sessions of absence",
        "possible sessions",
        _NOT_POSSIBLE,
        "DfE, Working together to improve school attendance, codes",  # law.md 1.1 to 1.5, 4.10
        behind="missed",
    ),
    "gap": Definition(
        "Gap",
        "The attendance of a group less that of the pupils it is compared with, both in per cent with one decimal: "
        "percentage points. Those without the characteristic, where there are any, or else everybody.",
        "attendance of the group",
        "attendance of those it is compared with",
        _NOT_POSSIBLE,
        _AGREED,
        behind="missed",
    ),
    "change": Definition(
        "Points on a year before",
        "The attendance of these days less that of the same days a year before, 52 weeks earlier, both in per cent "
        "with one decimal: percentage points.",
        "attendance of these days",
        "attendance a year before",
        _NOT_POSSIBLE,
        _AGREED,
    ),
    "band": Definition(
        "Pupils by how much they missed",
        "Pupils who missed so much of their own possible sessions, the lower edge included and the upper not.",
        "pupils in this band",
        "pupils with a possible session",
        "Pupils without a possible session are in no band. Sessions without a mark count for nothing.",
        "DfE, Pupil absence statistics: methodology",  # law.md 4.11
    ),
    "step": Definition(
        "On a step",
        "Pupils whom the school's attendance policy has put on this step of a ladder, and who have not left it.",
        "pupils on this step",
        "pupils on roll this year",
        "Pupils who have left the step, because they improved or were taken off it.",
        "The school's attendance policy in force",
    ),
    "to-spare": Definition(
        "Days to spare",
        "How many more days this year may still be missed without persistent absence at the end of it.",
        "days missed this year",
        "days possible by the end of the year",
        _FORECAST,
        "The school's own forecast",  # law.md 4.1
    ),
    "best": Definition(
        "Best possible",
        "The attendance of the whole year if every session still to come is attended.",
        "sessions attended, with all to come",
        "sessions possible by the end of the year",
        _FORECAST,
        "The school's own forecast",  # law.md 4.1
    ),
    "begins": Definition(
        "Persistent from",
        "The day on which persistent absence begins if absence goes on at the rate of the last 30 school days.",
        "sessions missed of the last 30 school days",
        "possible sessions of the last 30 school days",
        _FORECAST,
        "The school's own forecast",  # law.md 4.1
    ),
    "pattern": Definition(
        "Pattern",
        RULE,
        "what was missed in it",
        "all that was missed",
        "Sessions that were not possible, or hold no mark, count for nothing.",
        _AGREED,
    ),
    "challenge": Definition(
        "Class challenge",
        "A week in which the attendance of the class is at the goal or above, unrounded, earns it a token.",
        "weeks that earned a token",
        "weeks with a possible session",
        _NO_WEEK,
        _CHALLENGE,
    ),
    "treats": Definition(
        "Treats so far",
        f"A class has a treat for every {TOKENS_A_TREAT} tokens of the school year.",
        f"tokens of the year, by {TOKENS_A_TREAT}, whole ones only",
        "tokens of the year",
        _NO_WEEK,
        _CHALLENGE,
    ),
    "to-treat": Definition(
        "Tokens to the next treat",
        f"How many more tokens the class needs: a treat costs {TOKENS_A_TREAT}.",
        "tokens still to earn",
        f"the {TOKENS_A_TREAT} tokens of a treat",
        _NO_WEEK,
        _CHALLENGE,
    ),
    "england": Definition(
        "England",
        "What the Department for Education publishes of schools of the same phase: the series and its last day are "
        "said beside it. One decimal or as published.",
        "attendance, 100 less the published absence",
        "per cent",
        "Schools of other phases, and what the series itself leaves out. Census and daily data are never mixed.",
        "DfE, Pupil attendance in schools; Pupil absence in schools in England",  # law.md 4
    ),
    "reason": Definition(
        "Reasons for absence",
        "Sessions missed with this code in the half-term, of all pupils together.",
        "sessions with this code",
        "possible sessions",
        _NOT_POSSIBLE,
        "The School Attendance (Pupil Registration) (England) Regulations 2024, reg 10",  # law.md 1.1 to 1.5
    ),
    "reached": Definition(
        "Persistently absent pupils reached",
        "Of the pupils of the group who missed 10 per cent or more of this year's possible sessions, how many have had "
        "a case this year: to the nearest ten per cent.",
        "persistently absent pupils with a case",
        "persistently absent pupils",
        "Pupils who are not on roll today.",
        _RECORD,
    ),
    "cases": Definition(
        "Pupils with a case",
        "Pupils of the group for whom a case was open this year; told as a band of five.",
        "pupils with a case",
        "pupils on roll",
        "Pupils who are not on roll today, and cases closed before this school year.",
        _RECORD,
    ),
    "improved": Definition(
        "Closed as improved",
        "Pupils of the group whose case was closed this year because attendance improved; told as a band of five.",
        "pupils whose case was closed as improved",
        "pupils with a case",
        "Pupils who are not on roll today, and cases closed for another reason.",
        _RECORD,
    ),
    "opened": Definition(
        "Cases opened",
        "Cases of attendance that were opened in this school year.",
        "cases opened",
        "cases that were open on a day of this school year",
        _CASES,
        _RECORD,
    ),
    "closed": Definition(
        "Cases closed",
        "Cases of attendance that were closed in this school year, for any reason.",
        "cases closed",
        "cases that were open on a day of this school year",
        _CASES,
        _RECORD,
    ),
    "bettered": Definition(
        "Cases closed as improved",
        "Cases closed in this school year with the outcome that attendance has improved. A person chose it.",
        "cases closed as improved",
        "cases that were open on a day of this school year",
        _CASES,
        _RECORD,
    ),
    "worked": Definition(
        "Cases",
        "Cases of attendance that were open on a day of this school year, with this barrier noted or this support "
        "named as a help by a review.",
        "cases",
        "cases that were open on a day of this school year",
        f"{_CASES} A case with two barriers or two supports stands in two rows.",
        _RECORD,
    ),
    "with-plan": Definition(
        "Attendance before and with the plan",
        "The sessions of the plans whose review named this support as a help: those before each plan began and those "
        "while it ran, summed over the cases. One followed the other; that does not prove that it came of it.",
        "sessions before the plans, and while they ran",
        "possible sessions of each",
        f"Plans that are not reviewed yet. {_CASES}",
        _RECORD,
    ),
    "at-start": Definition(
        "Attendance at the start of the case",
        "The pupil's sessions of the school year up to and including the day on which the case was opened, as the "
        "register stood at that moment. The sum is kept with the case, and is not worked out again.",
        "sessions attended and missed",
        "possible sessions",
        f"{_NOT_POSSIBLE} What was marked or corrected after the case was opened.",
        _RECORD,
    ),
    "before-plan": Definition(
        "Attendance before the plan",
        "The pupil's sessions of as many school days before the plan began as it ran up to its review, as the register "
        "stood when the review was recorded. The sum is kept with the plan, and is not worked out again.",
        "sessions attended and missed",
        "possible sessions",
        f"{_NOT_POSSIBLE} What was marked or corrected after the review was recorded.",
        _RECORD,
    ),
    "during-plan": Definition(
        "Attendance while the plan ran",
        "The pupil's sessions from the first day of the plan to the day of its review, both included, as the register "
        "stood when the review was recorded. The sum is kept with the plan, and is not worked out again. That "
        "attendance rose does not prove that the plan raised it.",
        "sessions attended and missed",
        "possible sessions",
        f"{_NOT_POSSIBLE} What was marked or corrected after the review was recorded.",
        _RECORD,
    ),
    "on-roll": Definition(
        "Pupils on roll",
        "Pupils of the group who are on roll today.",
        "pupils of the group",
        "pupils on roll today",
        _ON_ROLL,
        "The school's admission register",
    ),
    "needing": Definition(
        "Persistently absent, on roll",
        "Pupils of the group on roll today who have missed 10 per cent or more of their own possible sessions this "
        "school year, of any age.",
        "pupils who have missed a tenth or more",
        "pupils of the group on roll today",
        f"{_ON_ROLL} Sessions without a mark count for nothing.",
        "DfE, Pupil absence statistics: methodology",  # law.md 4.1
    ),
    "needing-reached": Definition(
        "Of them with a case",
        "Of the pupils who have missed 10 per cent or more of this year's possible sessions, those for whom a case was "
        "open on a day of this school year.",
        "persistently absent pupils with a case",
        "persistently absent pupils of the group",
        _ON_ROLL,
        _RECORD,
    ),
    "with-case": Definition(
        "Pupils with a case",
        "Pupils of the group for whom a case was open on a day of this school year.",
        "pupils with a case",
        "pupils of the group on roll today",
        f"{_ON_ROLL} Cases closed before this school year.",
        _RECORD,
    ),
    "with-case-bettered": Definition(
        "Closed as improved, of those closed",
        "Pupils of the group whose case was closed this school year because attendance had improved.",
        "pupils whose case was closed as improved",
        "pupils whose case was closed for any reason",
        f"{_ON_ROLL} Cases that are still open.",
        _RECORD,
    ),
    "decisions": Definition(
        "Decisions made",
        "Decisions of the headteacher on a penalty notice, by the day they were made in an academic year.",
        "decisions",
        "decisions made in the academic year",
        "Decisions that still wait, and those that were prepared anew.",
        _PENALTIES,
    ),
    "improvements": Definition(
        "Notices to improve offered",
        "Notices to improve by the day they were offered in an academic year, and how they stand today.",
        "notices to improve",
        "notices to improve offered in the academic year",
        "Notices to improve offered in another academic year.",
        _PENALTIES,
    ),
    "notices": Definition(
        "Penalty notices issued",
        "Penalty notices this school issued, by the day of issue in an academic year, and how they stand today.",
        "penalty notices",
        "penalty notices issued in the academic year",
        "Notices that were prepared or declined and never issued, and notices issued by others.",
        _PENALTIES,
    ),
    "due": Definition(
        "Due for a penalty notice",
        "The sum that discharges the notice today. For absence from 19 August 2024: £80 within 21 days, then £160 "
        "within 28 days; £160 for a second notice to the same parent for the same child within three years. Earlier "
        "offences, and a child in a public place during exclusion, have amounts of their own.",
        "pounds that discharge the notice today",
        "the amounts of the notice",
        "Notices that are paid, withdrawn, in court, or unpaid at the end of their period: nothing can be paid for "
        "them any more. Fines and costs of a court. The money goes to the local authority, not to the school.",
        "The Education (Penalty Notices) (England) Regulations 2007, as amended by SI 2024/210",  # law.md 5.9 to 5.22
    ),
    "paid": Definition(
        "Paid for a penalty notice",
        "What the local authority has said it was paid for the notice, within its period or late. Payment discharges "
        "the parent's liability for these sessions.",
        "pounds paid",
        "the amounts of the notice",
        "What was paid and nobody has recorded here. Fines and costs of a court.",
        "The Education (Penalty Notices) (England) Regulations 2007, reg 20",  # law.md 5.19, 5.23, 5.25
    ),
    "amounts": Definition(
        "Amounts of a penalty notice",
        "The sums that discharge the notice, each with the last day on which it is enough. For absence from 19 August "
        "2024: £80 within 21 days, then £160 within 28 days; £160 for a second notice to the same parent for the same "
        "child within three years. Day 1 and the last day both count. Earlier offences, and a child in a public place "
        "during exclusion, have amounts of their own.",
        "the sums with their last days",
        "the 28 days of payment",
        "A third notice within three years: there is no such notice, so it has no amount. Instalments, as it is "
        "paid in one payment. Fines and costs of a court. The money goes to the local authority, not to the school.",
        "The Education (Penalty Notices) (England) Regulations 2007, as amended by SI 2024/210",  # law.md 5.9 to 5.20
    ),
    "unpaid": Definition(
        "Not told to us as paid",
        "The full amount of a notice whose 28 days are over without the local authority having told the school of a "
        "payment. Nothing can be paid within the period any more: the authority prosecutes the offence, or withdraws "
        "the notice.",
        "pounds not told to us as paid",
        "the amounts of the notice",
        "Notices that are paid, late too, withdrawn, or in court, and those within their period. What the authority "
        "was paid and has not told the school.",
        "The Education (Penalty Notices) (England) Regulations 2007",  # law.md 5.19, 5.22
    ),
    "due-now": Definition(
        "Due now",
        "The sums that would discharge, today, the penalty notices that wait for payment: of each its reduced amount "
        "up to and including the last day of that, then its full amount.",
        "pounds due today",
        "the notices within their days of payment",
        "Notices that are paid, withdrawn or in court, and those whose period is over: nothing is due on them any "
        "more. Notices issued by others, of which no amount is told. The money goes to the local authority, not to "
        "the school.",
        "The Education (Penalty Notices) (England) Regulations 2007, as amended by SI 2024/210",  # law.md 5.9 to 5.22
    ),
    "paid-this-year": Definition(
        "Told to us as paid",
        "What the local authority has told the school that it was paid for penalty notices, within their period or "
        "late, by the day of payment in this academic year.",
        "pounds paid",
        "the payments of this academic year that are recorded here",
        "Payments the authority has not told the school of, or without a sum. What was paid for a notice withdrawn "
        "since, as it is refunded. Fines and costs of a court. The money goes to the local authority, not to the "
        "school.",
        "The Education (Penalty Notices) (England) Regulations 2007, reg 20",  # law.md 5.19, 5.21, 5.25
    ),
    "sessions-left": Definition(
        "Sessions that are left",
        "Of the sessions the notice was issued for, those that the register, or another school's word, still calls "
        "unauthorised. Fewer than ten would no longer carry a notice, which is a ground to withdraw it.",
        "sessions of the notice that are unauthorised now",
        "sessions the notice was issued for",
        "Sessions that have another code now, or none. Whether N counts is a reading of the local authority's code.",
        "The national framework for penalty notices; codes of conduct",  # law.md 5.1, 5.1a, 5.21
    ),
}

_POLICY = (
    "The school's attendance policy; The School Attendance (Pupil Registration) (England) Regulations 2024, reg 10"
)
_OFF_ROLL = (
    "Marks of days on which the pupil was not on roll count for nothing, and so does all that came after the day."
)
_STEPS = f"Sessions that were not possible (codes D, X, Y, Z, #) and sessions without a mark. {_OFF_ROLL}"
_RUN = (
    "Days without a possible session (holidays, codes D, X, Y, Z, #) and days without a mark are passed over: they "
    "neither count nor end the run. A day of which half is marked is judged by that half. Days before any other "
    f"possible mark stand in no run. {_OFF_ROLL}"
)
# The measures that the steps of a policy stand on (`casework.measures.MEASURES`): `part` is what is counted.
OF_MEASURES = {
    "days_absent_this_year": Definition(
        "Days missed this year",
        "Absence since the school year began, authorised and unauthorised, in days: a session is half of one.",
        "sessions of absence",
        "",
        _STEPS,
        _POLICY,  # law.md 1.1 to 1.5
    ),
    "attendance_percent_this_year": Definition(
        "Attendance this year",
        "The share of possible sessions since the school year began that were attended. It is compared with the "
        "threshold unrounded, and said with two decimals.",
        "sessions attended",
        "possible sessions",
        _STEPS,
        _POLICY,  # law.md 1.1 to 1.5, 4.10
    ),
    "unexplained_days_in_a_row": Definition(
        "Days in a row unexplained",
        "School days in a row, back from the day of the evaluation, on which every possible session is coded N or O.",
        "days of which every possible session is coded N or O",
        "",
        _RUN,
        _POLICY,  # law.md 1.1 to 1.5, 1.8
    ),
    "unauthorised_days_in_a_row": Definition(
        "Days in a row unauthorised",
        "School days in a row, back from the day of the evaluation, on which every possible session is coded G, N, O "
        "or U.",
        "days of which every possible session is coded G, N, O or U",
        "",
        _RUN,
        _POLICY,  # law.md 1.1 to 1.5
    ),
    "unauthorised_sessions_in_window": Definition(
        "Unauthorised sessions in ten school weeks",
        "Sessions coded G, O or U in the ten school weeks that end with the week of the evaluation; N too, where the "
        "school has set that it counts. A school week is one with a school day in it.",
        "sessions without authority",
        "",
        "Sessions coded N, where the school has not set that they count: no reason is known yet. Sessions before or "
        "after compulsory school age, and sessions another school spoke of, which count towards a notice alone. "
        f"{_OFF_ROLL}",
        "DfE, Working together to improve school attendance, national framework for penalty notices",  # law.md 5.1
    ),
    "late_marks_this_half_term": Definition(
        "Late marks this half-term",
        "Arrivals after the register was taken and before it closed, code L, since the half-term began.",
        "sessions coded L",
        "",
        f"U, after the register closed, is unauthorised absence and no late mark. {_OFF_ROLL}",
        _POLICY,  # law.md 1.3
    ),
    "illness_days_this_year": Definition(
        "Days ill this year",
        "Sessions of illness, code I, since the school year began, in days: a session is half of one.",
        "sessions coded I",
        "",
        f"Medical and dental appointments, code M. {_OFF_ROLL}",
        _POLICY,  # law.md 1.1 to 1.5
    ),
    "unauthorised_share_of_absence_percent": Definition(
        "Share of absence this year that is unauthorised",
        "Of the sessions of absence since the school year began, the share coded G, N, O or U. Without absence it has "
        "no value, and holds for nobody.",
        "sessions of unauthorised absence",
        "sessions of absence",
        f"Sessions attended, and sessions that were not possible. {_OFF_ROLL}",
        _POLICY,  # law.md 1.1 to 1.5
    ),
}
# Tiles of the dashboards; cells of tables show the others too.
TILES = (
    "missed", "attendance", "persistent", "severe", "at-risk", "unauthorised", "late", "unexplained", "unmarked",
)  # fmt: skip


def meaning_of(*figures: str) -> list[Definition]:
    """The definitions of these figures, for a page that explains them in place."""
    return [DEFINITIONS[figure] for figure in figures]


_RUN_ENDS = (
    "Days without a possible session and days without a mark are passed over: they neither count nor end the run. Days "
    "before any other possible mark are in no run. Children who are not of compulsory school age, or not on roll."
)
_TOLD_LONG_AGO = "Names that came on or off the register more than 92 days ago: they were told of before."
_TIMETABLES = "Timetables that were cancelled."
# From when the law counts, what counts (`part`), what a clock rests on (`whole`), and what is left out, by its kind;
# the instrument is that of `casework.clocks.RULES`.
OF_CLOCKS = {
    Kind.MISSING: (
        "It counts from the session whose register was not sent by the time it closed.",
        "the session without a register",
        "the register of the class",
        "Sessions the school does not hold, and registers that are still open.",
    ),
    Kind.OLD_N: (
        "It counts from the session coded N. One clock runs for a child, from the day of the oldest N.",
        "sessions of that day coded N",
        "the register",
        "N of later days, which have a later day; N whose reason was found since.",
    ),
    Kind.SOCIAL: (
        "It counts from the unexplained absence (N or O), or from the last day on roll of a name that comes off.",
        "sessions of that day coded N or O",
        "the register and the record of the child's social worker",
        "Unexplained absence more than five school days ago, and what was recorded as told.",
    ),
    Kind.YOUTH: (
        "It counts from the unexplained absence (N or O).",
        "sessions of that day coded N or O",
        "the register and the record of the child's youth offending worker",
        "Unexplained absence more than five school days ago, and what was recorded as told.",
    ),
    Kind.ATTENDANCE: (
        "It counts from the first of the school days in a row on which every possible session is coded G, N, O or U.",
        "school days",
        "the register, and what was agreed with the local authority about returns",
        _RUN_ENDS,
    ),
    Kind.IRREGULAR: (
        "It counts from the first session coded G, O or U of the ten school weeks up to today.",
        "sessions coded G, O or U",
        "the register, and what was agreed with the local authority about returns",
        "N, which is no answer yet. Sessions before or after compulsory school age, or before the child was on roll. "
        "Children with ten such days in a row, of whom the other clock tells.",
    ),
    Kind.SICKNESS: (
        "It counts from the first day of the illness, or of the first one of the school year where only all of them "
        "together reach fifteen days. Reported illness to come counts.",
        "sessions coded I, or reported to come; two are a day",
        "the register and the absences reported ahead",
        "Illness of another school year. Where one illness alone reaches fifteen days, the others of the year.",
    ),
    Kind.NEW_PUPIL: (
        "It counts from the starting day, on which the name is entered.",
        "",
        "the admission register",
        f"The most junior class, who start on the first day of the school year. {_TOLD_LONG_AGO}",
    ),
    Kind.DELETION: (
        "It counts from the day on which the ground arises, at the latest from the last day on roll.",
        "",
        "the admission register",
        f"The most senior class at or after the end of their last term. {_TOLD_LONG_AGO}",
    ),
    Kind.GROUND_I: (
        "It counts from the first of the school days in a row on which every session is coded G, N or O.",
        "school days",
        "the register",
        "Today, whose sessions are not over. A session with any other mark, or without one, ends the run: it proves "
        "nothing. Children who are not of compulsory school age today.",
    ),
    Kind.EXCLUSION: (
        "It counts from the first of consecutive school days coded E, past or planned.",
        "school days coded E, or planned so",
        "the register and the planned exclusion",
        "Days on which the school is closed. A school day that is neither coded E nor planned so ends the run.",
    ),
    Kind.PART_TIME: (
        "It counts from the first day of the timetable.",
        "",
        "the agreed part-time timetable",
        f"{_TIMETABLES} Reviews more than two weeks ahead.",
    ),
    Kind.PART_TIME_TOLD: (
        "It counts from the first day of the timetable.",
        "",
        "the agreed part-time timetable",
        _TIMETABLES,
    ),
}
