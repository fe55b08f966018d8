"""How an action says no."""


class Refused(Exception):
    """A rule says no. `reasons` are sentences for the person, the same that the page shows beside the button."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons
