"""One run over a connected charger: a probe after the other, and what each came to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from attrs import define, evolve, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.charging.beliefs.giving import Give
from flexicharge.charging.conformance.busy import Busyness
from flexicharge.charging.conformance.ear import Ear, listening
from flexicharge.charging.conformance.frames import frames_of
from flexicharge.charging.conformance.judging import judged
from flexicharge.charging.conformance.probe import Judgement, Probe, Verdict
from flexicharge.charging.conformance.report import Run, Tried
from flexicharge.charging.conformance.required_keys import checked_keys
from flexicharge.charging.conformance.table import PROBES
from flexicharge.errors import ChargerOffline, DatabaseAway, NotThere
from flexicharge.interfaces import IBus
from flexicharge.model.frame_record import FrameVerdict
from flexicharge.model.site import Station
from flexicharge.model.station_command import CommandState, StationCommand

ANSWER_WITHIN_S: Final = 20.0
FOLLOWS_WITHIN_S: Final = 20.0
LOST: Final = "the connection was lost"
DEAF: Final = "it answers nothing any more"
AWAY: Final = "the database could not be reached"
GONE: Final = "the station was taken off the record"
LOST_MEANWHILE: Final = Judgement(Verdict.SKIPPED, f"{LOST} before it was answered")


class Broken(Exception):
    """The run cannot go on; the message says why."""


@define(eq=False, kw_only=True)
class Trial:
    """Tries a station; `tell` is told of each try, and of the run's head, as it goes.

    A station that leaves three Calls in a row unanswered is taken for deaf and
    disconnected. So one that does not answer is asked again what it has answered
    before: it goes on with who just does not know an action.
    """

    station: Station
    run: Run
    carry_out: Give
    busyness: Busyness
    bus: IBus
    clock: IReactorTime
    tell: Callable[[Run, Tried], Awaitable[None]]
    _answered: Probe | None = field(default=None, init=False)
    _unanswered: set[str] = field(factory=set, init=False)

    async def go(self) -> str:
        """Try everything that may be tried now; return why it broke off, '' if not."""
        try:
            for probe in PROBES:
                await self._try(probe)
        except Broken as why:
            return str(why)
        except ChargerOffline:
            return LOST
        except NotThere:
            return GONE
        except DatabaseAway:
            return AWAY
        return ""

    async def _try(self, probe: Probe) -> None:
        why_not = await self._why_not(probe)
        if why_not:
            await self._tell(probe, Judgement(Verdict.SKIPPED, why_not))
            return
        with listening(self.bus, self.station.station_id, probe.follows) as ear:
            command = await self._ask(probe)
            judgement = LOST_MEANWHILE
            if command.state is not CommandState.LOST:
                judgement = await self._judged(probe, command, ear)
            await self._tell(probe, judgement, command, ear)
        if command.state is CommandState.LOST:
            raise Broken(LOST)
        if command.response is None:
            await self._look_whether_it_is_deaf(probe)
        elif not probe.not_during:
            self._answered = probe

    async def _why_not(self, probe: Probe) -> str:
        if probe.action in self._unanswered:
            return f"{probe.action} was not answered before"
        if not probe.not_during:
            return ""
        busy = await self.busyness.of(self.station)
        return next((why.value for why in probe.not_during if why in busy), "")

    async def _ask(self, probe: Probe) -> StationCommand:
        return await self.carry_out(
            self.station.serial_number,
            probe.action,
            dict(probe.payload),
            ANSWER_WITHIN_S,
        )

    async def _judged(
        self, probe: Probe, command: StationCommand, ear: Ear
    ) -> Judgement:
        judgement = judged(probe, command)
        if judgement.verdict is not Verdict.SUPPORTED or not probe.follows:
            return judgement
        if not await ear.followed(FOLLOWS_WITHIN_S, self.clock):
            why = f"it accepted, and no {probe.follows} came"
            return Judgement(Verdict.WRONG, why)
        if ear.message is not None and ear.message.verdict is FrameVerdict.REFUSED:
            why = f"its {probe.follows} is wrong: {ear.message.why}"
            return Judgement(Verdict.WRONG, why)
        return judgement

    async def _look_whether_it_is_deaf(self, probe: Probe) -> None:
        self._unanswered.add(probe.action)
        if self._answered is None:
            if len(self._unanswered) > 1:
                raise Broken(DEAF)
            return
        command = await self._ask(self._answered)
        if command.state is CommandState.LOST:
            raise Broken(LOST)
        if command.response is None:
            raise Broken(DEAF)

    async def _tell(
        self,
        probe: Probe,
        judgement: Judgement,
        command: StationCommand | None = None,
        ear: Ear | None = None,
    ) -> None:
        tried = Tried(
            probe=probe.name,
            action=probe.action,
            harmless=probe.harmless,
            verdict=judgement.verdict,
            why=judgement.why,
            at=self.clock.seconds(),
        )
        if command is not None and ear is not None:
            tried = evolve(
                tried,
                command_id=command.command_id,
                latency_s=_latency(command, ear),
                frames=frames_of(command, ear),
            )
            self._look_at_keys(probe, command)
        await self.tell(self.run, tried)

    def _look_at_keys(self, probe: Probe, command: StationCommand) -> None:
        """Check the keys of a configuration that was told as a whole."""
        is_told = command.state is CommandState.RESULT and not probe.payload
        if probe.action == "GetConfiguration" and is_told and command.response:
            self.run = evolve(self.run, keys=checked_keys(command.response))


def _latency(command: StationCommand, ear: Ear) -> float | None:
    message_id = ear.sent_as(command.command_id)
    answer = None if message_id is None else ear.answers.get(message_id)
    return None if answer is None else answer.latency_s
