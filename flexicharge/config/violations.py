"""What is wrong with the settings, told all at once."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from flexicharge.config.declaration import Variable
from flexicharge.config.sources import Found
from flexicharge.errors import StartUpFailed


@frozen
class Violation:
    """One thing that is wrong with the settings, and how to mend it."""

    name: str
    what: str
    expected: str
    cure: str

    def __str__(self) -> str:
        return f"{self.name} {self.what}; expected: {self.expected}.\n    {self.cure}."


class SettingsRefused(StartUpFailed):
    """The settings cannot be used; the message lists each violation with its cure."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        lines = "".join(f"\n  - {violation}" for violation in violations)
        super().__init__(f"FlexiCharge cannot start with these settings:{lines}")
        self.violations: Final = violations


def misread(variable: Variable, found: Found) -> Violation:
    """Return the violation of a value that cannot be read. A secret is not shown."""
    shown = "(hidden)" if variable.secret else repr(found.text)
    return Violation(
        found.spelling,
        f"is {shown} in {found.place}",
        variable.kind.expects,
        cure_for(variable),
    )


def cure_for(variable: Variable) -> str:
    """Return how to give a variable a usable value, without a full stop."""
    proposal = variable.example or variable.default
    if not proposal:
        return f"Leave {variable.name} out, or mend it"
    cure = f"Set {variable.name}={proposal} in the environment or in .env"
    if variable.option:
        cure += f", or pass --{variable.option} {proposal}"
    return cure
