"""Why a registration did not come about."""

from __future__ import annotations


class RegistrationFailed(Exception):
    """A registration that was not made.

    `code` is short and safe to show and to log; `detail` is the platform's own error code where it
    gave one.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
