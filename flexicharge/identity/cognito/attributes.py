"""What is to be changed of a person, as AWS is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from flexicharge.errors import ParameterInvalid


def pairs_of(
    attributes: Mapping[str, str], allowed: Collection[str]
) -> list[dict[str, str]]:
    """Return attributes as AWS takes them; raise `ParameterInvalid` for another's."""
    for name in attributes:
        if name not in allowed:
            raise ParameterInvalid(f"{name[:40]}: this attribute cannot be changed.")
    return [{"Name": name, "Value": value} for name, value in attributes.items()]
