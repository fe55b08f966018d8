"""What every figure means, who is counted and who is left out: the words of "Explain this number".

Pure. The sources are instruments and DfE's own methods; beside each stands the paragraph of law.md.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    """`part` of `whole`, both in words; `cohort`: only DfE's cohort is counted; `behind` names the list of pupils."""

    name: str
    meaning: str
    part: str
    whole: str
    left_out: str
    source: str
    cohort: bool = False
    behind: str = ""


_NOT_POSSIBLE = (
    "Sessions that were not possible (codes D, X, Y, Z, #) count for nothing. Sessions without a mark are shown as "
    "unmarked and count for nothing until they are marked. Whoever left is counted up to her last day on roll."
)
_COHORT = (
    "Pupils who were under 5 or over 15 on 31 August at the start of the academic year, boarders, and pupils without a "
    "possible session are left out. Whoever left is counted up to her last day on roll."
)

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
}


def meaning_of(*figures: str) -> list[Definition]:
    """The definitions of these figures, for a page that explains them in place."""
    return [DEFINITIONS[figure] for figure in figures]
