"""`flexicharge dev` and the servers it starts, one after another."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from attrs import define, field

from flexicharge.cli.dev import Runner, environment


@define
class FakeChild:
    """A server that ends when it is told to, or has ended with `code` by itself."""

    code: int | None = None
    signals: list[int] = field(factory=list)

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self.code

    def send_signal(self, sig: int) -> None:
        """End as twistd does: cleanly, then by the signal it was sent."""
        self.signals.append(sig)
        self.code = -sig

    def wait(self) -> int:
        """Return the exit code."""
        assert self.code is not None, "nobody asked it to end"
        return self.code


def test_a_saved_file_restarts_the_server_once() -> None:
    """The old one is asked to end, and only then there is a new one."""
    children = [FakeChild(), FakeChild()]
    coming = iter(children)
    assert Runner(lambda: next(coming)).run([set(), {"a.py"}, set()]) == 0
    assert children[0].signals == [signal.SIGTERM]
    assert children[1].signals == [signal.SIGTERM]


def test_the_signal_we_got_is_the_one_passed_on() -> None:
    """Ctrl-C ends the server as Ctrl-C would."""
    child = FakeChild()
    runner = Runner(lambda: child)
    runner.last_signal = signal.SIGINT
    assert runner.run([]) == 0
    assert child.signals == [signal.SIGINT]


def test_a_server_that_ended_is_missed_once_and_comes_back_with_the_next_change(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A mistake in the source does not end the session of work on it."""
    children = [FakeChild(code=1), FakeChild()]
    coming = iter(children)
    assert Runner(lambda: next(coming)).run([set(), set(), {"a.py"}]) == 0
    assert capsys.readouterr().err.count("has ended (1)") == 1
    assert children[0].signals == []
    assert children[1].signals == [signal.SIGTERM]


def test_a_server_that_failed_is_a_failure() -> None:
    """Whoever stops it then sees that it was not running."""
    assert Runner(lambda: FakeChild(code=1)).run([set()]) == 1


def test_the_server_tests_itself_at_every_save(tmp_path: Path) -> None:
    """RUN_OCPP_TEST=1 is what nobody has to set; all else is as it was."""
    assert environment({"HOME": "/"}, tmp_path) == {"HOME": "/", "RUN_OCPP_TEST": "1"}


@pytest.mark.parametrize("name", ["RUN_OCPP_TEST", "RUN_OCCP_TEST"])
@pytest.mark.parametrize("value", ["0", "1", ""])
def test_whoever_decides_about_self_tests_is_heard(
    tmp_path: Path, name: str, value: str
) -> None:
    """In the environment or in .env, in either spelling; a blank is a no, too."""
    assert environment({name: value}, tmp_path) == {name: value}
    (tmp_path / ".env").write_text(f"{name}={value}\n")
    assert environment({}, tmp_path) == {}


def test_a_dotenv_that_cannot_be_read_is_the_servers_to_complain_about(
    tmp_path: Path,
) -> None:
    """Its message says how to mend it."""
    (tmp_path / ".env").mkdir()
    assert environment({}, tmp_path) == {"RUN_OCPP_TEST": "1"}
