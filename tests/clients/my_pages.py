"""The drivers' site of October 2023 (MYP): React and axios in a strict browser."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from tests.clients.android import PROFILE
from tests.clients.browser import Axios, Browser, data_of
from tests.clients.people import Somebody
from tests.clients.wire import Answer, ClientBroke, Wire

INVOICE = "/invoices/1234"


@define
class MyPages:
    """The site in one driver's browser; most calls return the refusal shown, or ""."""

    axios: Axios
    kept: dict[str, Any] = field(factory=dict, init=False)

    @classmethod
    def on(cls, port: int) -> MyPages:
        """Return the site, with the server's address compiled in."""
        return cls(Axios(Browser(Wire(port))))

    def sign_up(self, person: Somebody) -> str:
        """Sign up; the password is sent twice."""
        twice = {"confirmPassword": person.password}
        return self._shown("/auth/sign-up", {**person.credentials, **twice})

    def verify(self, email: str, code: str) -> str:
        """Confirm the address."""
        return self._shown("/auth/verify", {"username": email, "code": code})

    def sign_in(self, person: Somebody) -> str:
        """Sign in, and keep the whole body."""
        answer = self.axios.request("POST", "/auth/sign-in", person.credentials)
        if refusal := _refusal(answer):
            return refusal
        self.kept = data_of(answer)
        for key in ("accessToken", "email", "user_id"):
            if not isinstance(self.kept[key], str):
                raise ClientBroke(f"no {key}")
        return ""

    def profile(self) -> dict[str, str]:
        """Return what is known of the driver, every key of it."""
        answer = self.axios.request(
            "GET", "/auth/user-information", None, self.kept["accessToken"]
        )
        data = data_of(answer.expect(200))
        return {key: data[key] for key in ("username", *PROFILE)}

    def save_profile(self, **profile: str) -> None:
        """Save the whole form."""
        path, token = "/auth/user-information", self.kept["accessToken"]
        self.axios.request("PUT", path, profile, token).expect_success()

    def change_password(self, previous: str, new: str) -> str:
        """Change the password; the token travels in the body."""
        body = {
            "accessToken": self.kept["accessToken"],
            "previousPassword": previous,
            "newPassword": new,
        }
        return self._shown("/auth/change-password", body)

    def forget(self, email: str) -> str:
        """Ask for a code."""
        return self._shown(f"/auth/forgot-password/{email}", None)

    def confirm_forgotten(self, email: str, code: str, password: str) -> str:
        """Set a new password."""
        body = {"username": email, "password": password, "confirmationCode": code}
        return self._shown("/auth/confirm-forgot-password", body)

    def open_invoice(self) -> Answer:
        """Open the invoice in a tab of its own."""
        return self.axios.browser.open_tab(INVOICE)

    def _shown(self, path: str, body: object) -> str:
        return _refusal(self.axios.request("POST", path, body))


def _refusal(answer: Answer) -> str:
    if answer.expect(200, 400).status == 200:
        return ""
    message = data_of(answer)["message"]
    if not isinstance(message, str) or not message:
        raise ClientBroke(f"nothing to show: {answer.body!r}")
    return message
