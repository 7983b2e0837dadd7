"""People who use the clients, their mail, and how one becomes an administrator."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys

from attrs import define, field

from tests.clients.wire import ClientBroke
from tests.integration.server import ServerProcess

PASSWORD = "Sommar-2027"
OTHER_PASSWORD = "Vinter-2028"
COMMAND = "import sys; from flexicharge.cli import main; sys.exit(main())"
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
MANY_LOOKS = 1000
_numbers = itertools.count(1)


def _new_address() -> str:
    return f"person{next(_numbers)}@flexicharge.example"


@define
class Somebody:
    """A person with an address of their own, who has no account yet."""

    email: str = field(factory=_new_address)
    password: str = PASSWORD
    mails_read: int = field(default=0, init=False)

    @property
    def credentials(self) -> dict[str, str]:
        """What they sign in with."""
        return {"username": self.email, "password": self.password}

    def next_code(self, server: ServerProcess) -> str:
        """Return the code in the next mail."""
        return CODE.findall(self.next_mail(server))[0]

    def next_mail(self, server: ServerProcess) -> str:
        """Return the text of the next mail, which may be on its way still."""
        self.mails_read += 1
        for _ in range(MANY_LOOKS):
            mails = _mails_to(server, self.email)
            if len(mails) >= self.mails_read:
                return mails[self.mails_read - 1].partition("\n\n")[2]
            server.ask("GET", "/healthz")  # which gives it the time to write
        raise ClientBroke(f"{self.email} got no mail")


def other_code(code: str) -> str:
    """Return a code that it is not."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def admin_of(server: ServerProcess) -> Somebody:
    """Return a new administrator, made as an operator makes one."""
    person = Somebody()
    subprocess.run(
        [sys.executable, "-c", COMMAND, "admin", "create", person.email],
        input=f"{person.password}\n",
        env=server.environ,
        cwd=server.directory,
        text=True,
        check=True,
        capture_output=True,
    )
    return person


def _mails_to(server: ServerProcess, email: str) -> list[str]:
    outbox = server.directory / "data" / "outbox"
    texts = [mail.read_text() for mail in sorted(outbox.glob("[!.]*.eml"))]
    return [text for text in texts if f"To: {email}\n" in text]
