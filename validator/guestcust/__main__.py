"""`python -m guestcust` is the command."""

from guestcust.cli import main

if __name__ == "__main__":
    main()
