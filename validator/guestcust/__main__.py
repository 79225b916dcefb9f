"""The command, as a script and as `python -m guestcust`: the fast start first, then the whole command if needed."""

from __future__ import annotations

import sys
from typing import NoReturn

from guestcust.cli import quick
from guestcust.cli.environment import INTERRUPTED


def main() -> NoReturn:
    """Runs the command line and exits."""
    try:
        status = quick.run(sys.argv[1:])
    except KeyboardInterrupt:
        status = INTERRUPTED
    if status is None:
        from guestcust.cli.main import main as run_all

        run_all()
    sys.exit(status)


if __name__ == "__main__":
    main()
