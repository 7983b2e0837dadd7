"""Mail for a machine without a mail server: one file for each message.

A file is one RFC 5322 message as UTF-8 text with LF line ends: the headers `From`,
`To`, `Subject` and `Date`, an empty line, the text. Its name is
`<UTC time, to the microsecond>-<random>.eml`, so names sort by time. It appears whole;
while it is written its name begins with a dot.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path
from typing import Final

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from flexicharge.errors import MailNotSent
from flexicharge.interfaces.people import IEntropy, IMail
from flexicharge.interfaces.threads import RunInThread

SENDER: Final = "FlexiCharge <no-reply@flexicharge.invalid>"
_POLICY: Final = SMTPUTF8.clone(linesep="\n")


@implementer(IMail)
class DevelopmentOutbox:
    """Keeps mail in a directory and shows it in the log, codes and all.

    Only for development and demonstrations: whoever reads either can confirm accounts.
    """

    _log = Logger()

    def __init__(
        self,
        directory: Path,
        clock: IReactorTime,
        entropy: IEntropy,
        run: RunInThread,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._entropy = entropy
        self._run = run

    async def send(self, to: str, subject: str, text: str) -> None:
        """Write the message down; raise `MailNotSent` if the disk will not take it."""
        now = datetime.fromtimestamp(self._clock.seconds(), UTC)
        content = _message(to, subject, text, now).as_bytes(policy=_POLICY)
        name = f"{now:%Y%m%dT%H%M%S.%fZ}-{self._entropy.token(4).hex()}.eml"
        try:
            await self._run(lambda: self._write(name, content))
        except OSError as why:
            self._log.error("Mail cannot be kept: {why}", why=why)
            raise MailNotSent("The verification code could not be sent.") from why
        self._log.info(
            "Mail to {to} kept as {name}: {subject}: {text}",
            to=to,
            name=name,
            subject=subject,
            text=text.strip(),
        )

    def _write(self, name: str, content: bytes) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._directory / f".{name}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        draft.rename(self._directory / name)


def _message(to: str, subject: str, text: str, at: datetime) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = SENDER
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = at
    message.set_content(text)
    return message
