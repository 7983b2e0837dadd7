"""What is agreed to of what a station offers (OCA 088)."""

from __future__ import annotations

import pytest

from flexicharge.errors import NothingInCommon
from flexicharge.gateway.subprotocols import agreed, agreed_in_dialect
from flexicharge.model.site import Protocol


@pytest.mark.parametrize(
    ("offered", "answer"),
    [
        (["ocpp1.6"], "ocpp1.6"),
        (["ocpp0.1", "ocpp1.6"], "ocpp1.6"),
        (["ocpp2.0.1", "ocpp1.6"], "ocpp1.6"),
        (["OCPP1.6"], "OCPP1.6"),
        (["OCPP1.6", "ocpp1.6"], "ocpp1.6"),
        (["", "ocpp1.6"], "ocpp1.6"),
        ([""], None),
        ([], None),
    ],
)
def test_ours_is_answered_as_it_is_offered(
    offered: list[str], answer: str | None
) -> None:
    """Never a word that was not offered, and none to whom offers none."""
    assert agreed(offered, Protocol.OCPP_1_6) == answer


@pytest.mark.parametrize(
    "offered", [["ocpp0.1"], ["ocpp2.0.1"], ["ocpp1.6j"], ["ocpp2.1", "ocpp2.0.1"]]
)
def test_nothing_in_common_is_refused(offered: list[str]) -> None:
    """What is not spoken here is not agreed to."""
    with pytest.raises(NothingInCommon, match=offered[0]):
        agreed(offered, Protocol.OCPP_1_6)


@pytest.mark.parametrize("protocol", [Protocol.OCPP_2_0_1, Protocol.OCPP_2_1])
def test_a_record_of_a_later_protocol_is_not_spoken_with(protocol: Protocol) -> None:
    """Whatever is offered: its operator asked for another one."""
    with pytest.raises(NothingInCommon, match=protocol):
        agreed(["ocpp1.6"], protocol)


@pytest.mark.parametrize(
    ("offered", "answer"),
    [
        (["ocpp1.6"], "ocpp1.6"),
        (["x", "ocpp1.6"], "ocpp1.6"),
        (["x", "y"], "x"),
        (["", "y"], "y"),
        ([], None),
    ],
)
def test_the_dialect_confirms_what_is_offered(
    offered: list[str], answer: str | None
) -> None:
    """The fielded charger offers `ocpp1.6` while it speaks the dialect."""
    assert agreed_in_dialect(offered) == answer
