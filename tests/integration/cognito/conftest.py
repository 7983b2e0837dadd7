"""A user pool of moto's, made once for all tests of a file; each has people of its own.

moto is a server in a thread of this process; we reach it by HTTP, as we would AWS.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import pytest_twisted
from attrs import define, evolve, field, frozen
from moto.server import ThreadedMotoServer
from twisted.internet import reactor
from twisted.web.client import Agent

from flexicharge.actors.bus import LocalBus
from flexicharge.identity.cognito.aws import Aws
from flexicharge.identity.cognito.fetching import Document
from flexicharge.identity.cognito.identity import (
    CognitoIdentity,
    OpenPool,
    cognito_identity,
)
from flexicharge.identity.cognito.pool import Pool
from flexicharge.identity.threads import FewThreads
from flexicharge.model.events import ACCOUNTS, SignedOut

REGION = "eu-west-1"
THREADS = 4
CUSTOM = ("street_address", "zip_code", "city", "country")

_numbers = itertools.count(1)


@define(eq=False)
class Moto:
    """The administrator of AWS itself, as the console would be."""

    url: str
    client: Any

    def make_pool(self) -> Pool:
        """Make a pool as the contract's: e-mail as the name, a client with a secret."""
        made = self.client.create_user_pool(
            PoolName="FlexiCharge",
            UsernameAttributes=["email"],
            AutoVerifiedAttributes=["email"],
            AccountRecoverySetting={
                "RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]
            },
            Schema=[
                {"Name": name, "AttributeDataType": "String", "Mutable": True}
                for name in CUSTOM
            ],
        )
        pool_id = made["UserPool"]["Id"]
        self.client.create_group(UserPoolId=pool_id, GroupName="Admins")
        client_id, secret = self.make_client(pool_id)
        return Pool(
            region=REGION,
            pool_id=pool_id,
            client_id=client_id,
            client_secret=secret,
            endpoint_url=self.url,
        )

    def make_client(self, pool_id: str) -> tuple[str, str]:
        """Make another app client of a pool; return its id and secret."""
        made = self.client.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName="FlexiCharge",
            GenerateSecret=True,
            ReadAttributes=["email", "name", "family_name"],
        )["UserPoolClient"]
        return made["ClientId"], made["ClientSecret"]


@frozen
class World:
    """A pool, its people as our server sees them, and what it tells others of them."""

    opened: OpenPool
    identity: CognitoIdentity
    signed_out: list[SignedOut] = field(factory=list)

    def at(self, pool: Pool) -> CognitoIdentity:
        """Return the people of another pool, or of this one through another client."""
        opened = evolve(self.opened, pool=pool)
        return cognito_identity(opened, bus=LocalBus(reactor), clock=reactor)


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    """A moto server, and credentials that mean nothing for whoever reads them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
            patch.delenv(name, raising=False)
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        client = boto3.client("cognito-idp", region_name=REGION, endpoint_url=url)
        yield Moto(url, client)
        client.close()
        server.stop()


@pytest.fixture(scope="module")
def world(moto: Moto) -> Iterator[World]:
    """A pool and our way to it; AWS is asked about every token every time."""
    pool = moto.make_pool()
    threads = FewThreads(reactor, "aws", THREADS)
    threads.startService()
    aws = Aws(pool, threads.run, THREADS)
    opened = OpenPool(
        pool=pool,
        ask=aws,
        fetch_keys=Document(pool.keys_url, Agent(reactor), reactor).fetch,
        check_every_s=0.0,
    )
    bus = LocalBus(reactor)
    there = World(opened, cognito_identity(opened, bus=bus, clock=reactor))
    bus.subscribe(ACCOUNTS, there.signed_out.append)
    yield there
    pytest_twisted.blockon(threads.stopService())
    aws.close()


@pytest.fixture
def email() -> str:
    """An address that nobody has yet."""
    return f"driver{next(_numbers)}@example.com"
