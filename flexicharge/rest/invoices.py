"""Monthly invoices over HTTP: lists, and the bills themselves (contract §4.9)."""

from __future__ import annotations

from typing import Any, Final

from klein import Klein
from twisted.web.iweb import IRequest

from flexicharge.errors import InvoiceUnknown
from flexicharge.interfaces import IInvoices
from flexicharge.model.account import Caller
from flexicharge.model.invoice import UUID_TEXT, Bill, meant_by
from flexicharge.rest.addressees import Addressees
from flexicharge.rest.bearer import ADMIN, ANYBODY_KNOWN, NOBODY, USER
from flexicharge.rest.declared.gives import Itself, Json, Told
from flexicharge.rest.desk import Desk
from flexicharge.rest.invoice_fields import ByDate, ByStatus, ByYear, WantedInvoices
from flexicharge.rest.invoice_lists import InvoiceLists
from flexicharge.rest.invoice_shapes import (
    ListedInvoice,
    MadeInvoices,
    UserInvoices,
    made,
)
from flexicharge.rest.invoice_statuses import LISTING, NOT_NOW, OF_USERS
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.people_attempts import Attempts
from flexicharge.rest.people_rules import somebody
from flexicharge.rest.replies import bytes_reply, json_reply

EVERY: Final = "/invoices"
USERS: Final = "/invoices/users"
SAMPLE: Final = "1234"
PDF: Final = "application/pdf"
FOUND: Final = Told(200, "For administrators: a list.", shape=list[ListedInvoice])
A_BILL: Final = Told(200, "The invoice.", media_type=PDF)


def _may_see(caller: Caller, user_id: str) -> bool:
    return caller.is_admin or caller.user_id == user_id


class InvoicesApi:
    """What users owe for each month; what others owe is for administrators.

    The link to a bill opens it without a token, since that is how tabs of a browser
    ask: it has a number that nobody guesses, and an address has 100 tries in 10
    minutes.
    """

    app = Klein()

    def __init__(self, desk: Desk, invoices: IInvoices) -> None:
        self.desk = desk
        self._invoices = invoices
        self._addressees = Addressees(desk.identity)
        self._lists = InvoiceLists(invoices, self._addressees, desk.public_url)
        self._attempts = Attempts(desk.clock)

    @app.route(EVERY, methods=["POST"])
    @operation(
        who=USER,
        asks=WantedInvoices,
        gives=Json(MadeInvoices, 201, "They are there."),
        errors=LISTING,
    )
    async def make(self, call: Call[WantedInvoices]) -> MadeInvoices:
        """See that a user's invoices are there; answer with the newest one's number.

        Administrators can name anybody as `userID`, others are always themselves.
        Where nothing is owed for those months it is 404.
        """
        wanted = call.asked.of(call.caller)
        return made(await self._invoices.make(wanted.user_id, wanted.asked))

    @app.route(EVERY, methods=["GET"])
    @operation(
        who=ADMIN,
        asks=ByYear,
        in_query=True,
        gives=Json(list[ListedInvoice]),
        errors=LISTING,
        clients=(
            "GUI reads `invoiceID`, `email`, `invoiceURL`, `date` and `totalSum`. It "
            'sends `NOT-PAID` for `UNPAID`, and leaves out what is set to "All".',
        ),
    )
    async def every(self, call: Call[ByYear]) -> list[ListedInvoice]:
        """Answer with everybody's invoices, newest month first.

        After 10,000 a `Link` header says where the list goes on.
        """
        asked = call.asked
        found, after = await self._lists.every(asked.invoices, asked.after)
        self._lead_on(call, EVERY, after)
        return found

    @app.route(USERS, methods=["GET"])
    @operation(
        who=ADMIN,
        asks=ByDate,
        in_query=True,
        gives=Json(list[UserInvoices]),
        errors=OF_USERS,
    )
    async def every_user(self, call: Call[ByDate]) -> list[UserInvoices]:
        """Answer with everybody's invoices by user, each user's newest first.

        After 10,000 invoices a `Link` header says where the list goes on, if need be
        in the middle of a user's.
        """
        asked = call.asked
        found, after = await self._lists.every_user(asked.invoices, asked.after)
        self._lead_on(call, USERS, after)
        return found

    @app.route(f"{USERS}/<user_id>", methods=["GET"])
    @operation(
        who=USER,
        asks=ByStatus,
        in_query=True,
        gives=Json(list[UserInvoices]),
        errors=OF_USERS,
        only_if=_may_see,
    )
    async def of_user(self, call: Call[ByStatus], user_id: str) -> list[UserInvoices]:
        """Answer with a user and their invoices, newest first; `[]` if there is none.

        Those of other people are for administrators.
        """
        return await self._lists.of_user(somebody(user_id), call.asked.invoices)

    @app.route(f"{EVERY}/<invoice>", methods=["GET"])
    @operation(
        who=ANYBODY_KNOWN,
        gives=Itself((FOUND, A_BILL)),
        errors=NOT_NOW,
        clients=(
            "GUI sends what an operator typed, an e-mail address or a user's number, "
            "and reads a list.",
            "MYP opens `/invoices/1234` in a tab: a sample, with the demo network.",
        ),
    )
    async def one(self, call: Call[Any], invoice: str) -> bytes:
        """Answer with an invoice as a PDF, or with a list of somebody's invoices.

        The list is for administrators whose `Accept` has JSON: that of the user with
        this e-mail address or number, `[]` for nobody. In all other cases an invoice is
        meant, by the last part of its `invoiceURL`, or, with the token of its owner or
        of an administrator, by its `invoiceID`.
        """
        call.request.setHeader(b"Vary", b"Accept, Authorization")
        if call.caller.is_admin and _takes_json(call.request):
            found = await self._lists.searched(somebody(invoice))
            return json_reply(call.request, found)
        if call.caller is NOBODY:
            self._attempts.spend(call.request)
        name, document = await self._drawn(call.caller, invoice)
        return _pdf_reply(call.request, name, document)

    async def _drawn(self, caller: Caller, name: str) -> tuple[str, bytes]:
        """Return what a bill that a caller may see is of, and the bill itself."""
        if name == SAMPLE:
            return "sample", await self._invoices.sample_pdf()
        bill = await self._bill(caller, name)
        customer = await self._addressees.customer(bill.invoice.user_id)
        return str(bill.invoice.month), await self._invoices.pdf(bill, customer)

    async def _bill(self, caller: Caller, name: str) -> Bill:
        """Return a bill that a caller may see; raise `InvoiceUnknown`."""
        if UUID_TEXT.fullmatch(name):
            return await self._invoices.by_public_id(name)
        user_id, _ = meant_by(name)
        if not _may_see(caller, user_id):
            raise InvoiceUnknown(name)
        return await self._invoices.by_id(name)

    def _lead_on(
        self, call: Call[ByDate] | Call[ByYear], path: str, after: str | None
    ) -> None:
        """Say where a list goes on that is cut (RFC 8288 §3)."""
        if after is not None:
            url = f"{self.desk.public_url}{path}?{call.asked.going_on(after)}"
            call.request.setHeader(b"Link", f'<{url}>; rel="next"'.encode())


def _takes_json(request: IRequest) -> bool:
    accepted: list[bytes] = request.requestHeaders.getRawHeaders(b"Accept", [])
    return any(b"json" in one.lower() for one in accepted)


def _pdf_reply(request: IRequest, name: str, document: bytes) -> bytes:
    """Answer with a document to be shown, and to be kept by nobody on the way."""
    shown = f'inline; filename="flexicharge-invoice-{name}.pdf"'
    request.setHeader(b"Content-Disposition", shown.encode())
    request.setHeader(b"Cache-Control", b"private, no-store")
    request.setHeader(b"X-Content-Type-Options", b"nosniff")
    return bytes_reply(request, document, PDF)
