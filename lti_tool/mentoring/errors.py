"""Why an operation of mentoring was refused; pages turn the code into a sentence."""

from __future__ import annotations


class MentoringError(Exception):
    """Nothing was changed; `code` says why, in the words of the subclass."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotYours(MentoringError):
    """There is no such row for this person: it does not exist, or it is somebody else's."""


class NotAllowed(MentoringError):
    """The state does not allow it: wrong moment, a gate that is shut, no free place."""


class NotValid(MentoringError):
    """A value that is not offered, missing or out of bounds."""
