"""Errors that reach the user as one sentence: what is wrong, where, and what to do."""


class OddgenError(Exception):
    """Stops the command; its text is the one sentence that the user reads."""


class BadShape(OddgenError):
    """One mesh file that cannot be used; the run goes on without it."""


class SceneFailed(OddgenError):
    """One scene that cannot be made; the run goes on without it."""
