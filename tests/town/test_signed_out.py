"""Live sockets end with the tokens they were opened with."""

from __future__ import annotations

import pytest

from flexicharge.model.account import ADMINS, Caller
from flexicharge.model.events import ACCOUNTS, SignedOut
from flexicharge.testing.identity import PASSWORD, RecordingMail
from flexicharge.testing.peers import Peer
from flexicharge.testing.town import Town

EMAIL = "driver@example.com"
NEW = "N3w-password"


@pytest.fixture
def watcher(town: Town) -> tuple[Caller, str, Peer]:
    """Somebody who signed up and watches their charge."""
    caller, token = signed_in(town, EMAIL)
    return caller, token, town.watch(caller, token)


def signed_in(town: Town, email: str) -> tuple[Caller, str]:
    identity, mail = town.back_end.identity, town.back_end.people.mail
    assert isinstance(mail, RecordingMail)
    town.now(identity.sign_up(email, PASSWORD))
    town.now(identity.verify(email, mail.code_for(email)))
    token = town.now(identity.sign_in(email, PASSWORD)).access_token
    return town.now(identity.admit(token)), token


def closing(town: Town, peer: Peer) -> tuple[int, str]:
    town.flush()
    return peer.protocol.close_code, peer.protocol.close_reason


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("disable", "the account is disabled"),
        ("remove", "the account was deleted"),
        ("delete", "the account was deleted"),
        ("change", "the password was changed"),
        ("set", "the password was changed"),
        ("reset", "the password was changed"),
        ("forgot", "the password was changed"),
    ],
)
def test_whoever_is_signed_out_is_hung_up_on(
    town: Town, watcher: tuple[Caller, str, Peer], why: str, words: str
) -> None:
    """All their sockets, with 4401; nobody else's."""
    caller, token, first = watcher
    second = town.watch(caller, token)
    neighbour = town.watch(*town.driver())
    identity, mail = town.back_end.identity, town.back_end.people.mail
    match why:
        case "disable":
            town.now(identity.set_enabled(EMAIL, False))
        case "remove":
            town.now(identity.remove_user(EMAIL))
        case "delete":
            town.now(identity.delete_me(token))
        case "change":
            town.now(identity.change_password(token, PASSWORD, NEW))
        case "set":
            town.now(identity.set_password(EMAIL, NEW))
        case "reset":
            town.now(identity.reset_password(EMAIL))
        case _:
            town.now(identity.forgot_password(EMAIL))
            assert isinstance(mail, RecordingMail)
            code = mail.code_for(EMAIL)
            town.now(identity.confirm_forgot_password(EMAIL, code, NEW))
    assert [closing(town, peer) for peer in (first, second)] == [(4401, words)] * 2
    assert neighbour.is_open


def test_a_void_token_opens_no_socket(
    town: Town, watcher: tuple[Caller, str, Peer]
) -> None:
    """Though it was seen a moment ago; that with which a password was changed does."""
    caller, token, _ = watcher
    identity = town.back_end.identity
    other = town.now(identity.sign_in(EMAIL, PASSWORD)).access_token
    town.now(identity.change_password(token, PASSWORD, NEW))
    assert town.watch(caller, token).is_open
    assert not town.watch(caller, other).is_open
    town.now(identity.set_enabled(EMAIL, False))
    assert not town.watch(caller, token).is_open


def test_whoever_is_enabled_keeps_watching(
    town: Town, watcher: tuple[Caller, str, Peer]
) -> None:
    """Nothing else that an administrator does closes a socket."""
    caller, _, peer = watcher
    identity, accounts = town.back_end.identity, town.stores.accounts
    town.now(identity.set_enabled(EMAIL, True))
    town.now(identity.change_user(EMAIL, {"name": "Ida"}))
    town.now(accounts.add_to_group(caller.user_id, ADMINS, town.clock.seconds()))
    town.flush()
    assert peer.is_open


def test_what_another_node_publishes_counts_as_well(
    town: Town, watcher: tuple[Caller, str, Peer]
) -> None:
    """Sockets may be elsewhere than whoever is asked to disable an account."""
    caller, _, peer = watcher
    bus = town.back_end.identity.bus
    bus.publish(ACCOUNTS, SignedOut(caller.user_id, "elsewhere"))
    assert closing(town, peer) == (4401, "elsewhere")
