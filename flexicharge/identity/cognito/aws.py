"""AWS itself, asked through boto3 in threads; the only module that needs boto3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from twisted.internet.defer import CancelledError
from twisted.logger import Logger

from flexicharge.errors import FlexiChargeError, IdentityAway, StartUpFailed
from flexicharge.identity.cognito.calls import AwsRefused
from flexicharge.identity.cognito.pool import Pool
from flexicharge.identity.cognito.refusals import AWAY
from flexicharge.interfaces.threads import RunInThread

CONNECT_WITHIN_S: Final = 2.0
ANSWER_WITHIN_S: Final = 5.0
ATTEMPTS: Final = 2


class Aws:
    """Cognito's operations; credentials are those of the AWS SDK's own search.

    What is sent is AWS's to judge: boto3's own checks would show it in their errors.
    """

    _log = Logger()

    def __init__(self, pool: Pool, run: RunInThread, threads: int) -> None:
        self._run = run
        self._client: Any = _client(pool, threads)

    async def __call__(
        self, operation: str, request: Mapping[str, Any], /
    ) -> Mapping[str, Any]:
        """Return what an operation answers; raise as `AskAws` says."""
        work = getattr(self._client, xform_name(operation))
        try:
            answer: Mapping[str, Any] = await self._run(lambda: work(**request))
        except ClientError as why:
            told = why.response.get("Error", {})
            raise AwsRefused(
                operation, str(told.get("Code", "")), str(told.get("Message", ""))
            ) from None
        except (FlexiChargeError, CancelledError):
            raise
        except Exception as why:  # boto3's own, and what its parsers let through
            self._log.error(
                "Cognito cannot be asked for {operation}: {why}",
                operation=operation,
                why=type(why).__name__,
            )
            raise IdentityAway(AWAY) from None
        return answer

    def close(self) -> None:
        """Let go of the connections that are kept."""
        self._client.close()


def _client(pool: Pool, threads: int) -> Any:
    try:
        return boto3.session.Session(region_name=pool.region).client(
            "cognito-idp",
            endpoint_url=pool.endpoint_url or None,
            config=Config(
                connect_timeout=CONNECT_WITHIN_S,
                read_timeout=ANSWER_WITHIN_S,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                max_pool_connections=threads,
                parameter_validation=False,
            ),
        )
    except (BotoCoreError, ValueError) as why:
        raise StartUpFailed(
            f"The AWS SDK cannot be used ({type(why).__name__}). Mend its own "
            "settings: the variables AWS_* of the environment, the files in ~/.aws."
        ) from why
