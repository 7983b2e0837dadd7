"""Work beside the reactor, with a real thread, and real hashing in it."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier, Event, current_thread, main_thread

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.task import deferLater
from zope.interface.verify import verifyObject

from flexicharge.errors import ServerBusy, Stopping
from flexicharge.identity.passwords import ThreadedHasher
from flexicharge.identity.threads import FewThreads, OneThread
from flexicharge.interfaces.people import IPasswordHasher
from flexicharge.testing.deferreds import fire

WAITING = 3


@pytest.fixture
def thread() -> Iterator[OneThread]:
    """A running thread with room for three to wait, stopped after the test."""
    thread = OneThread(reactor, "test", max_waiting=WAITING)
    thread.startService()
    yield thread
    if thread.running:
        pytest_twisted.blockon(thread.stopService())


def hold(thread: OneThread, gate: Event) -> list[Deferred[bool]]:
    """Fill the thread and its queue with work that waits for a gate."""
    return [fire(thread.run(lambda: gate.wait(10))) for _ in range(WAITING + 1)]


@pytest_twisted.ensureDeferred
async def test_a_real_hash_fits_its_password_alone(thread: OneThread) -> None:
    """It is argon2id, salted, and made beside the reactor."""
    hasher = ThreadedHasher(thread.run)
    assert verifyObject(IPasswordHasher, hasher)
    first = await hasher.hash("Pässw0rd!")
    assert first.startswith("$argon2id$")
    assert first != await hasher.hash("Pässw0rd!")
    assert await hasher.verify(first, "Pässw0rd!")
    assert not await hasher.verify(first, "pässw0rd!")


@pytest_twisted.ensureDeferred
async def test_work_is_done_in_another_thread(thread: OneThread) -> None:
    """Its answer and its errors come back to this one."""
    assert await thread.run(current_thread) is not main_thread()
    assert current_thread() is main_thread()
    with pytest.raises(ZeroDivisionError):
        await thread.run(lambda: 1 // 0)
    assert current_thread() is main_thread()


@pytest_twisted.ensureDeferred
async def test_a_full_queue_refuses_more(thread: OneThread) -> None:
    """Once there is room, work is taken again."""
    gate = Event()
    held = hold(thread, gate)
    with pytest.raises(ServerBusy):
        await thread.run(lambda: True)
    gate.set()
    for work in held:
        assert await work
    assert await thread.run(lambda: True)


@pytest_twisted.ensureDeferred
async def test_giving_up_makes_no_room(thread: OneThread) -> None:
    """Work that nobody waits for is still work: the queue stays full."""
    gate = Event()
    held = hold(thread, gate)
    for work in held:
        work.cancel()
        with pytest.raises(CancelledError):
            await work
    with pytest.raises(ServerBusy):
        await thread.run(lambda: True)
    gate.set()


@pytest_twisted.ensureDeferred
async def test_stopping_waits_for_what_was_taken(thread: OneThread) -> None:
    """Nothing new is taken, nothing taken is lost, and the reactor goes on."""
    gate = Event()
    held = hold(thread, gate)
    stopped = thread.stopService()
    with pytest.raises(Stopping):
        await thread.run(lambda: True)
    await deferLater(reactor, 0.0)
    assert not stopped.called
    gate.set()
    await stopped
    assert [await work for work in held] == [True] * (WAITING + 1)


@pytest_twisted.ensureDeferred
async def test_a_thread_that_did_nothing_stops_at_once() -> None:
    """There is nothing to wait for; and before its start it takes nothing."""
    thread = OneThread(reactor, "test")
    with pytest.raises(Stopping):
        await thread.run(lambda: True)
    thread.startService()
    stopped = thread.stopService()
    assert stopped.called
    await succeed(None)


@pytest_twisted.ensureDeferred
async def test_a_few_threads_work_side_by_side() -> None:
    """As many as there are, and only then does work wait; the queue is bounded."""
    threads, both = FewThreads(reactor, "test", 2, max_waiting=1), Barrier(2)
    threads.startService()
    gate = Event()
    meeting = [fire(threads.run(lambda: both.wait(10))) for _ in range(2)]
    assert sorted([await each for each in meeting]) == [0, 1]
    held = [fire(threads.run(lambda: gate.wait(10))) for _ in range(3)]
    with pytest.raises(ServerBusy):
        await threads.run(lambda: True)
    gate.set()
    assert [await each for each in held] == [True] * 3
    await threads.stopService()
