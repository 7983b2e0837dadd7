"""`python -m flexicharge.config page` and `… example` print the generated files."""

from __future__ import annotations

import sys

from flexicharge.config.page import example_file, settings_page

PRINTED = {"page": settings_page, "example": example_file}

if __name__ == "__main__":
    asked = sys.argv[1:]
    if len(asked) != 1 or asked[0] not in PRINTED:
        raise SystemExit(f"Say one of: {', '.join(PRINTED)}")
    sys.stdout.write(PRINTED[asked[0]]())
