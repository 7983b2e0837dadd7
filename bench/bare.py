"""What all is measured against: stock Autobahn with its defaults, and nothing behind.

Answers a fixed text to every frame. Prints the port it listens on, on 127.0.0.1.
"""

from __future__ import annotations

from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet import reactor

ANSWER = b'[3,"bare","Heartbeat",{"currentTime":1800000000}]'


class BareResponder(WebSocketServerProtocol):
    """Neither reads what it hears, nor remembers anything."""

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Answer."""
        self.sendMessage(ANSWER)


def main() -> None:
    """Serve until somebody ends the process."""
    factory = WebSocketServerFactory()
    factory.protocol = BareResponder
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    print(port.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main()
