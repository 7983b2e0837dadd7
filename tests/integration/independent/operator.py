"""The operator's side: over HTTP, and with the command line for what HTTP has not."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from attrs import define, field

from tests.integration.server import ServerProcess

COMMAND = "import sys; from flexicharge.cli import main; sys.exit(main())"
EMAIL, PASSWORD = "operator@flexicharge.example", "Sommar-2027"
LOOKS = 100


def told(server: ServerProcess, *words: str, typed: str = "") -> str:
    """Run `flexicharge` in the server's directory; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words],
        input=typed,
        env=server.environ,
        cwd=server.directory,
        text=True,
        check=True,
        capture_output=True,
        timeout=60,
    )
    return done.stdout


@define
class Operator:
    """An administrator with a token, who waits for answers in threads."""

    server: ServerProcess
    token: str = field(repr=False)

    @classmethod
    def of(cls, server: ServerProcess) -> Operator:
        """Return a new administrator of a server."""
        told(server, "admin", "create", EMAIL, typed=f"{PASSWORD}\n")
        who = {"username": EMAIL, "password": PASSWORD}
        status, signed_in = server.ask("POST", "/auth/sign-in", who)
        assert status == 200
        return cls(server, signed_in["accessToken"])

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Send a request; return the status and the body."""
        return await asyncio.to_thread(self.server.ask, method, path, body, self.token)

    async def get(self, path: str) -> Any:
        """Return what is read at a path."""
        status, read = await self.ask("GET", path)
        assert status == 200, read
        return read

    async def get_until(self, path: str, is_so: Callable[[Any], bool]) -> Any:
        """Return what is read at a path once it is so; what is behind is soon there."""
        for _ in range(LOOKS):
            read = await self.get(path)
            if is_so(read):
                return read
            await asyncio.sleep(0.02)
        raise AssertionError(read)

    async def put(self, path: str, **body: Any) -> Any:
        """Put something new."""
        status, made = await self.ask("PUT", path, body)
        assert status == 201, made
        return made

    async def command(self, serial: str, action: str, **payload: Any) -> dict[str, Any]:
        """Give a command; return what the charger answered."""
        path = f"/admin/chargers/{serial}/commands/{action}"
        status, outcome = await self.ask("POST", path, {"payload": payload})
        assert (status, outcome["status"]) == (200, "result"), outcome
        response: dict[str, Any] = outcome["response"]
        return response
