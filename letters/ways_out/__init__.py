"""The ways out of the building. What each may raise is here; the ways themselves decide nothing."""


class TryAgain(Exception):
    """The provider did not take it now, or did not answer in time: it may or may not have been taken."""


class NotTaken(Exception):
    """The provider refuses it, and would again. The text is for a person to read."""
