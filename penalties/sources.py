"""What the numbers beside a question or a reason stand for: each rule in a sentence, and where it was read.

The numbers are those of section 5 of domain/law.md, which no school has; the page "Readings" shows them from here.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One numbered rule."""

    number: str
    text: str
    source: str


RULES = tuple(
    Rule(*each)
    for each in (
        ("5.1", "The threshold is ten sessions of unauthorised absence in ten school weeks.", "National framework"),
        ("5.1a", "G, O and U count; whether N counts differs by council.", "Hertfordshire, Norfolk, Manchester"),
        ("5.3", "The sessions may lie apart, in two terms, two years or two schools.", "Hampshire, Swindon"),
        ("5.5", "A local authority may act below the threshold.", "Haringey"),
        ("5.6", "A notice is for one parent and one child, normally the parent who allowed the absence.", "Manchester"),
        (
            "5.7",
            "Before each notice: is support better, is a notice the best tool, is the Equality Act kept?",
            "National framework, Manchester",
        ),
        ("5.8", "A holiday in term time is answered by a notice; support is not the answer.", "Norfolk, Southwark"),
        ("5.9", "£160, or £80 within 21 days; the second in three years £160.", "SI 2024/210"),
        ("5.10", "The 21 and 28 days begin on the day the notice is received.", "West Northamptonshire"),
        ("5.11", "No third notice to a parent for a child in three years.", "SI 2024/210, Manchester"),
        ("5.13", "Whether notices of before 19 August 2024 count is not settled.", "Warwickshire, Blackpool"),
        ("5.14", "Absence of before 19 August 2024 follows the local code of its day.", "Haringey"),
        ("5.15", "£60 and £120 stand for a child in a public place in the first days of an exclusion.", "SI 2024/210"),
        ("5.16", "A headteacher issues, or a deputy or assistant head whom she has authorised.", "Rotherham, Dorset"),
        ("5.17", "Only for pupils of compulsory school age at state-funded schools.", "Rotherham, Dorset"),
        ("5.18", "The local authority is asked before, and gets a copy.", "National framework"),
        ("5.19", "The local authority takes the money, in one payment; nobody can appeal.", "Buckinghamshire"),
        ("5.20", "A posted notice counts as received on the second working day after.", "Lincolnshire"),
        ("5.21", "The grounds on which a notice is withdrawn.", "Manchester, Rotherham, Buckinghamshire"),
        ("5.22", "Unpaid after 28 days: the local authority prosecutes or withdraws, not sooner.", "SI 2007/1867"),
        ("5.23", "Who has paid cannot be prosecuted for that time.", "Buckinghamshire"),
        ("5.24", "The offences: section 444(1) and 444(1A) of the Education Act 1996.", "Education Act 1996"),
        ("5.25", "What the local authority keeps of each notice.", "SI 2007/1867 reg 20"),
        ("5.26", "The local authority knows of notices of other schools.", "This program's own rule"),
    )
)
