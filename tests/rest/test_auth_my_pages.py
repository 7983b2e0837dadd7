"""The driver's own pages, call by call and in their order (contract §4.4, MYP)."""

from __future__ import annotations

from flexicharge.testing.documented import DocumentedClient
from flexicharge.testing.identity import PASSWORD
from flexicharge.testing.town import Town
from tests.rest.accounts import EMAIL, NEW, post

KEYS = (
    "username",
    "firstName",
    "lastName",
    "phoneNumber",
    "streetAddress",
    "zipCode",
    "city",
    "country",
)
FILLED_IN = {
    "firstName": "Ida",
    "lastName": "Berg",
    "phoneNumber": "+46700000000",
    "streetAddress": "Hamngatan 1",
    "zipCode": "553 18",
    "city": "Jönköping",
    "country": "Sweden",
}


def test_a_driver_goes_through_all_the_pages(town: Town) -> None:
    """Sign up, sign in, fill in the profile, change the password, lose it, leave."""
    client = DocumentedClient(town.back_end.site)
    mail = town.back_end.people.mail
    form = {"username": EMAIL, "password": PASSWORD, "confirmPassword": PASSWORD}
    refused = post(client, "sign-up", **form | {"password": "weak"})
    assert (refused.status, bool(refused.json["message"])) == (400, True)
    assert post(client, "sign-up", **form).status == 200
    refused = post(client, "verify", username=EMAIL, code="wrong")
    assert (refused.status, bool(refused.json["message"])) == (400, True)
    code = mail.code_for(EMAIL)
    assert post(client, "verify", username=EMAIL, code=code).status == 200

    signed_in = post(client, "sign-in", username=EMAIL, password=PASSWORD)
    stored = signed_in.json
    assert (signed_in.status, stored["email"]) == (200, EMAIL)
    assert stored["user_id"]
    token = stored["accessToken"]

    profile = client.get("/auth/user-information", token=token).json
    assert [profile[key] for key in KEYS] == [EMAIL, *[""] * 7]
    path = "/auth/user-information"
    saved = client.request("PUT", path, token=token, json=FILLED_IN)
    assert saved.status == 204
    profile = client.get("/auth/user-information", token=token).json
    assert profile == {"username": EMAIL} | FILLED_IN

    passwords = {"accessToken": token, "newPassword": NEW}
    refused = post(client, "change-password", previousPassword="wrong", **passwords)
    assert (refused.status, bool(refused.json["message"])) == (400, True)
    changed = post(client, "change-password", previousPassword=PASSWORD, **passwords)
    assert (changed.status, changed.json) == (200, {})
    assert client.get("/auth/user-information", token=token).status == 200

    forgot = client.request("POST", f"/auth/forgot-password/{EMAIL}")
    assert (forgot.status, forgot.json["statusCode"]) == (200, 200)
    code = mail.code_for(EMAIL)
    again = {"username": EMAIL, "password": PASSWORD, "confirmationCode": code}
    assert post(client, "confirm-forgot-password", **again).status == 200
    assert client.get("/auth/user-information", token=token).status == 401
    signed_in = post(client, "sign-in", username=EMAIL, password=PASSWORD)
    assert (signed_in.status, signed_in.json["name"]) == (200, "Ida")

    token = signed_in.json["accessToken"]
    assert client.request("POST", "/auth/delete-user", token=token).status == 200
    assert client.get("/auth/user-information", token=token).status == 401
    refused = post(client, "sign-in", username=EMAIL, password=PASSWORD)
    assert (refused.status, bool(refused.json["message"])) == (400, True)
