"""One tree of everything that can go wrong, in the words of the trade.

An edge (HTTP, OCPP, the command line) translates a branch of this tree in one table of
its own; nothing here knows a status number or an OCPP error code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final


class FlexiChargeError(Exception):
    """Anything this back end foresees going wrong."""


# --- what somebody sent us ----------------------------------------------------


class BadInput(FlexiChargeError):
    """What was sent cannot be used as it is."""


class MalformedFrame(BadInput):
    """A WebSocket frame is not the JSON array the protocol asks for."""


class UnusableValue(BadInput):
    """A field is missing, of the wrong type or outside its limits."""


class Invalid(BadInput):
    """One or more fields break a rule; `codes` are the contract's words, in order."""

    def __init__(self, *codes: str) -> None:
        super().__init__(", ".join(codes))
        self.codes: Final = codes


# --- what is not there --------------------------------------------------------


class NotThere(FlexiChargeError):
    """What was asked for does not exist, or not for the one who asked."""


class StationUnknown(NotThere):
    """No station has this serial number."""


class ConnectorUnknown(NotThere):
    """No connector in service has this public number."""


class SiteUnknown(NotThere):
    """No site (charge point) has this number."""


class SessionUnknown(NotThere):
    """No session has this number, or it is somebody else's."""


class ReservationUnknown(NotThere):
    """Nothing is held under this number any more, or it is held for somebody else."""


class CommandUnknown(NotThere):
    """No command has this number."""


class NeverTried(NotThere):
    """No conformance run was ever made over this station."""


class IdTagUnknown(NotThere):
    """No tag of this text is on record."""


class AccountUnknown(NotThere):
    """No account has this name or number."""


class InvoiceUnknown(NotThere):
    """No invoice has this number, or it is somebody else's."""


# --- what does not go together ------------------------------------------------


class Conflict(FlexiChargeError):
    """The request is sound, but what it finds stands against it."""


class ConnectorBusy(Conflict):
    """The connector already has an open session of somebody else."""


class TooManyReservations(Conflict):
    """The user has as many bookings as one may have."""


class CertificateRefused(Conflict):
    """A certificate, or a request for one, cannot be used; the message says why."""


class ConformanceUnderWay(Conflict):
    """A conformance run over this station is not over yet."""


class NotAllowed(Conflict):
    """The caller is known, but this is not theirs to see or do."""


class SessionNotStartable(Conflict):
    """The session has ended or was cancelled; it can not be started again."""


class AlreadyTaken(Conflict):
    """A value that must be unique is in use; `what` names the field."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what: Final = what


class LastOfGroup(Conflict):
    """Nobody who is enabled would be left in a group."""


class NumbersExhausted(Conflict):
    """All public connector numbers 100000 to 999998 have been given out."""


# --- talking to a station -----------------------------------------------------


class StationError(FlexiChargeError):
    """A station could not be asked, or did not do what it was asked."""


class ChargerOffline(StationError):
    """The station is not connected, or its link was lost before it answered."""

    def __init__(self, what: str = "", *, sent: bool = False) -> None:
        super().__init__(what)
        self.sent: Final = sent


class CallTimedOut(StationError):
    """The station did not answer within the deadline."""


class CallRefused(StationError):
    """The station answered a Call with a CallError."""

    def __init__(
        self,
        code: str,
        description: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {description}" if description else code)
        self.code: Final = code
        self.description: Final = description
        self.details: Final = dict(details or {})


class ReservationRefused(StationError):
    """The station will not reserve this connector; the message is its own word."""


class StartRefused(StationError):
    """The station will not start this session; the message is its own word."""


class NothingInCommon(StationError):
    """The station offers no protocol that we speak and its record allows."""


class ProfileTooLow(StationError):
    """The station is to show better who it is; the message names the profiles."""


class NotItsCertificate(StationError):
    """The certificate that was shown is another station's, or another operator's."""


class ReturnsTooOften(StationError):
    """The station connects again and again, faster than a healthy one would."""


class NoMoreStrangers(StationError):
    """As many unknown stations were taken in as may be in an hour."""


class MailboxFull(FlexiChargeError):
    """An actor has as many waiting messages as it may hold."""


# --- what we stand on ---------------------------------------------------------


class DatabaseAway(FlexiChargeError):
    """The database cannot be reached; whether a write took effect is not known."""


class StartUpFailed(FlexiChargeError):
    """The server cannot start; the message names the setting and the cure."""


class Stopping(FlexiChargeError):
    """The server is shutting down and takes no new work of this kind."""


# --- people -------------------------------------------------------------------


class IdentityError(FlexiChargeError):
    """An account operation failed; `code` is the word clients branch on."""

    code = "InternalErrorException"


class NotAuthorized(IdentityError):
    """Wrong name or password, or the account may not sign in."""

    code = "NotAuthorizedException"


class AccountUnconfirmed(IdentityError):
    """The e-mail address of the account was never verified."""

    code = "UserNotConfirmedException"


class NewPasswordRequired(IdentityError):
    """The password is right, but must be changed first.

    `session` proves that it was right, for a short while; it is a secret. `parameters`
    are those of Cognito's challenge NEW_PASSWORD_REQUIRED.
    """

    code = "NewPasswordRequiredException"

    def __init__(self, session: str, parameters: Mapping[str, str]) -> None:
        super().__init__("A new password is required.")
        self.session: Final = session
        self.parameters: Final = parameters


class PasswordResetRequired(IdentityError):
    """The password was voided; a new one must be set with a mailed code."""

    code = "PasswordResetRequiredException"


class UserNotFound(IdentityError):
    """An administrator named somebody who has no account."""

    code = "UserNotFoundException"


class IdentityAway(IdentityError):
    """The identity provider cannot be reached, or failed; try again later."""

    code = "InternalErrorException"


class NameTaken(IdentityError):
    """An account with this e-mail address exists."""

    code = "UsernameExistsException"


class PasswordTooWeak(IdentityError):
    """The password breaks the policy; the message says which rule."""

    code = "InvalidPasswordException"


class ParameterInvalid(IdentityError):
    """A parameter of an account operation cannot be used."""

    code = "InvalidParameterException"


class CodeMismatch(IdentityError):
    """The confirmation code is wrong, or there is none to confirm."""

    code = "CodeMismatchException"


class CodeExpired(IdentityError):
    """The confirmation code was right once, but too long ago."""

    code = "ExpiredCodeException"


class TooManyRequests(IdentityError):
    """Too many attempts in too short a time."""

    code = "TooManyRequestsException"


class ServerBusy(TooManyRequests):
    """Too much is waiting already; nobody has looked at what was asked."""


class MailNotSent(IdentityError):
    """The message with the code could not be handed over."""

    code = "CodeDeliveryFailureException"


class TokenError(IdentityError):
    """The access token cannot be accepted; the message says why."""

    code = "unauthorizedError"


# --- money --------------------------------------------------------------------


class PaymentError(FlexiChargeError):
    """The payment provider would not; `code` is the contract's word."""

    code = "klarnaError"
