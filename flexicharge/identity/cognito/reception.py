"""What all who come to a user pool's reception have in common."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from flexicharge.identity.cognito.calls import Cognito
from flexicharge.identity.cognito.presence import Presence
from flexicharge.interfaces import IBus
from flexicharge.model.events import ACCOUNTS, SignedOut

DISABLED: Final = "the account is disabled"
DELETED: Final = "the account was deleted"
CHANGED: Final = "the password was changed"


@frozen(kw_only=True, slots=False)
class Reception:
    """A pool, who was seen there lately, and whom to tell that somebody is out.

    On the bus, topic `ACCOUNTS`, it tells whose tokens became void, and hears it of
    others.
    """

    cognito: Cognito
    bus: IBus
    clock: IReactorTime
    presence: Presence
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self.bus.subscribe(ACCOUNTS, self.presence.signed_out)

    def _sign_out(self, user_id: str, why: str) -> None:
        """Have everybody look again at every token of somebody, we ourselves too."""
        self.bus.publish(ACCOUNTS, SignedOut(user_id, why))
