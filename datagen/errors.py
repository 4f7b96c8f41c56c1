"""Errors that reach the user as one sentence: what is wrong, where, and what to do."""


class OddgenError(Exception):
    """Stops the command; its text is the one sentence that the user reads."""


class BadShape(OddgenError):
    """One mesh file that cannot be used; the run goes on without it.

    linked: paths of other files that it takes something from, there or not.
    """

    linked: tuple[str, ...] = ()


class SceneFailed(OddgenError):
    """One scene that cannot be made; the run goes on without it."""


class BadHdri(SceneFailed):
    """An HDRI that Blender cannot load; the scene takes another one."""


class BadFloor(SceneFailed):
    """A floor with a map that Blender cannot load; the scene takes another one."""


class NotNow(OddgenError):
    """A fault of the moment, not of a file: a full disk, no memory, a missing library.

    Never remembered as a fault of the file that was being read.
    """


def breaks_off(name: object) -> BadShape:
    """Of a file that ends before its content does."""
    return BadShape(f"{name}: the file breaks off; export or copy it again.")


def not_numbers(name: object) -> BadShape:
    """Of a file with coordinates that are NaN or infinite."""
    return BadShape(f"{name}: has vertices that are not numbers; export it again.")
