"""What one route does: who may, what it asks, what it gives, what goes wrong.

`operation` joins that to a handler, which then sees nothing but sound requests, and
`openapi` reads it off again: so the document cannot say anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from inspect import cleandoc
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar

from attrs import field, frozen
from twisted.web.iweb import IRequest

from flexicharge.errors import (
    BadInput,
    DatabaseAway,
    FlexiChargeError,
    IdentityAway,
    Invalid,
    NotAllowed,
    NotThere,
    Stopping,
    TokenError,
    TooManyRequests,
)
from flexicharge.model.account import Caller
from flexicharge.rest.bearer import USER, Who, token_of
from flexicharge.rest.bodies import read_body, read_query
from flexicharge.rest.declared.asked import Nothing, read_as
from flexicharge.rest.declared.gives import Empty, Gives, Told
from flexicharge.rest.routes import parameter
from flexicharge.rest.statuses import EVERYWHERE, Statuses, reply_of

ATTRIBUTE: Final = "flexicharge_operation"

P = ParamSpec("P")
A = TypeVar("A")
Api_ = TypeVar("Api_", bound=Any)


@frozen
class Call(Generic[A]):
    """A request that may be answered: who calls, and what they ask."""

    request: IRequest = field(repr=False)
    caller: Caller
    asked: A = field(repr=False)

    @property
    def token(self) -> str:
        """The caller's access token."""
        return token_of(self.request)


Handler = Callable[Concatenate[Api_, Call[A], P], Coroutine[Any, Any, Any]]
Answerer = Callable[Concatenate[Api_, IRequest, P], Coroutine[Any, Any, bytes]]


@frozen(kw_only=True)
class Operation:
    """What one route does. `clients` says which client needs which of its oddities."""

    name: str
    means: str
    who: Who
    asks: type[Any]
    in_query: bool
    gives: Gives
    errors: Statuses
    clients: tuple[str, ...]
    may_forbid: bool
    only_if: Callable[..., bool] | None

    @property
    def table(self) -> Statuses:
        """How every error is answered."""
        return {**EVERYWHERE, **self.errors}

    def told(self, *, has_path: bool, takes_body: bool) -> list[Told]:
        """Return all answers that there are.

        `has_path` if the path names something, `takes_body` if the method has bodies.
        """
        rows = {
            TokenError: self.who.reads_token,
            IdentityAway: self.who.reads_token,
            TooManyRequests: self.who.reads_token,
            NotAllowed: self.who.only_admins or self.may_forbid,
            NotThere: has_path,
            BadInput: takes_body or self.asks is not Nothing,
            Invalid: self.asks is not Nothing,
            DatabaseAway: True,
            Stopping: True,
        }
        own = {kind: reply.told for kind, reply in self.errors.items()}
        usual = {
            kind: EVERYWHERE[kind].told
            for kind, applies in rows.items()
            if applies and kind not in own
        }
        return [*self.gives.told(), *own.values(), *usual.values()]


def operation(
    *,
    who: Who = USER,
    asks: type[A] = Nothing,  # type: ignore[assignment]
    in_query: bool = False,
    gives: Gives = Empty(),  # noqa: B008
    errors: Statuses | None = None,
    clients: tuple[str, ...] = (),
    may_forbid: bool = False,
    only_if: Callable[..., bool] | None = None,
) -> Callable[[Handler[Api_, A, P]], Answerer[Api_, P]]:
    """Make a route of a handler: a coroutine that takes a `Call` and the path's parts.

    The handler's docstring is what the document says of it. What it returns is
    answered as `gives` says, what it raises as `errors` says and then `EVERYWHERE`.
    Who calls is looked at first, before anything they sent: `only_if` says of a caller
    and the path's parts whether they may, where it does not take the store to know.
    A body that cannot be read is refused, even where nothing is asked.
    """

    def decorate(handle: Handler[Api_, A, P]) -> Answerer[Api_, P]:
        declared = Operation(
            name=handle.__name__,
            means=cleandoc(handle.__doc__ or ""),
            who=who,
            asks=asks,
            in_query=in_query,
            gives=gives,
            errors=errors or {},
            clients=clients,
            may_forbid=may_forbid,
            only_if=only_if,
        )
        return _answerer(declared, handle)

    return decorate


def _answerer(declared: Operation, handle: Handler[Api_, A, P]) -> Answerer[Api_, P]:
    """Return what Klein calls: it lets in, reads, has it handled, and answers."""
    who, asks, only_if = declared.who, declared.asks, declared.only_if
    gives, table = declared.gives, declared.table
    read = read_query if declared.in_query else read_body

    @wraps(handle)
    async def answer(
        api: Api_, request: IRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> bytes:
        for name, text in kwargs.items():
            kwargs[name] = parameter(str(text))
        try:
            caller = await who.admit(request, api.desk)
            if only_if is not None and not only_if(caller, *args, **kwargs):
                raise NotAllowed("not theirs")
            given = {} if _says_nothing(request, asks) else read(request)
            call = Call(request, caller, read_as(asks, given))
            return gives.write(request, await handle(api, call, *args, **kwargs))
        except FlexiChargeError as why:
            return reply_of(table, why)(request, why, api.desk)

    setattr(answer, ATTRIBUTE, declared)
    return answer


def _says_nothing(request: IRequest, asks: type[Any]) -> bool:
    """Tell whether whatever a request brings along plays no part."""
    return asks is Nothing and request.method in (b"GET", b"HEAD")
