"""The `flexicharge` commands: one module each, with `add_arguments` and `run`."""

from __future__ import annotations

import sys
from argparse import REMAINDER, ArgumentParser, Namespace, RawTextHelpFormatter
from collections.abc import Sequence
from importlib import import_module
from typing import Final, Protocol, cast

from flexicharge.errors import FlexiChargeError

COMMANDS: Final = {
    "admin": "make the account of an administrator, or list them",
    "ca": "show the root of the certificate authority, or issue a certificate",
    "charger": "set or clear the password of a charger",
    "demo": "drive a first charge from end to end, and watch it",
    "dev": "run the server, and restart it when its source changes",
    "keys": "show or change the keys that access tokens are signed with",
    "simulate": "play a network of chargers and drivers at a server",
    "token": "print an access token, for scripts on this machine",
}
PASSES_ON: Final = {"dev"}  # what they do not know is somebody else's
FAILED: Final = 1
INTERRUPTED: Final = 130


class Command(Protocol):
    """What a module of this package offers. `run` returns the exit code."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""

    def run(self, args: Namespace) -> int:
        """Do it; `FlexiChargeError` is told to the user in one line."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 for a failure, 2 for misuse."""
    listing = "\n".join(f"  {name:<9}{what}" for name, what in COMMANDS.items())
    parser = ArgumentParser(
        prog="flexicharge",
        description="The server itself is `twistd -n flexicharge`; this is the rest.",
        epilog=f"commands:\n{listing}",
        formatter_class=RawTextHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="command")
    parser.add_argument("arguments", nargs=REMAINDER, help="its own: see --help there")
    asked = parser.parse_args(argv)
    try:
        return _run(asked.command, asked.arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(name: str, argv: Sequence[str]) -> int:
    # Only the one that is asked for: they stand on very different libraries.
    command = cast(Command, import_module(f"flexicharge.cli.{name}"))
    parser = ArgumentParser(prog=f"flexicharge {name}", description=command.__doc__)
    command.add_arguments(parser)
    args, passed_on = parser.parse_known_args(argv)
    if passed_on and name not in PASSES_ON:
        parser.error(f"unrecognized arguments: {' '.join(passed_on)}")
    args.passed_on = passed_on
    try:
        return command.run(args)
    except FlexiChargeError as why:
        print(f"flexicharge {name}: {why}", file=sys.stderr)
        return FAILED
