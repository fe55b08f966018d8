"""Languages that letters are written in: the name as contacts carry it, its tag, and which way it runs. Pure."""

ENGLISH = "en-GB"
# As an import or a form writes them, in lower case; a school's families in England speak mostly these.
TAGS = {
    "albanian": "sq",
    "arabic": "ar",
    "bengali": "bn",
    "bulgarian": "bg",
    "chinese": "zh",
    "dari": "prs",
    "farsi": "fa",
    "french": "fr",
    "greek": "el",
    "gujarati": "gu",
    "hindi": "hi",
    "italian": "it",
    "kurdish": "ckb",
    "lithuanian": "lt",
    "pashto": "ps",
    "persian": "fa",
    "polish": "pl",
    "portuguese": "pt",
    "punjabi": "pa",
    "romanian": "ro",
    "russian": "ru",
    "somali": "so",
    "spanish": "es",
    "sylheti": "bn",  # written in Bengali
    "tamil": "ta",
    "tigrinya": "ti",
    "turkish": "tr",
    "ukrainian": "uk",
    "urdu": "ur",
    "vietnamese": "vi",
}
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "fa", "prs", "ps", "ur"})
CHOICES = sorted({tag: name.capitalize() for name, tag in reversed(TAGS.items())}.items(), key=lambda each: each[1])
NAMES = dict(CHOICES)


def tag_of(language: str) -> str:
    """The tag of a language as a contact carries it; English where it is empty or not known here."""
    said = language.strip().lower()
    return said if said in NAMES else TAGS.get(said, ENGLISH)


def direction(tag: str) -> str:
    return "rtl" if tag in RIGHT_TO_LEFT else "ltr"
