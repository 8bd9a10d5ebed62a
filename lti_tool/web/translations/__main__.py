"""`python -m lti_tool.web.translations`: compile; with `update`: bring the files up to the code."""

from __future__ import annotations

import sys

from lti_tool.web.translations.catalogues import WRITTEN, compile_all, extract, update


def main() -> None:
    """Do what the first word asks."""
    if sys.argv[1:] == ["update"]:
        template = extract()
        for locale in WRITTEN:
            update(locale, template)
    compile_all()


if __name__ == "__main__":
    main()
