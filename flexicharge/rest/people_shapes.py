"""People as clients read them: under their own names, and under Cognito's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from flexicharge.model.account import (
    CITY,
    COUNTRY,
    FAMILY_NAME,
    NAME,
    PHONE_NUMBER,
    STREET_ADDRESS,
    ZIP_CODE,
    Delivery,
    PeoplePage,
    Person,
    SignedIn,
)
from flexicharge.rest.declared.shapes import Shape
from flexicharge.rest.times import iso_of

Time = Annotated[str, Meta(pattern="T", examples=["2027-01-15T08:00:00.000Z"])]


class Done(Shape):
    """Nothing more is said."""


class AwsDone(Shape):
    """AWS's way to say that something is done; `statusCode` is its own."""

    data: Done
    statusCode: int


class Session(Shape):
    """An access token and whose it is; the names only where they are known."""

    accessToken: str
    email: str
    username: str
    user_id: str
    name: str | UnsetType = UNSET
    family_name: str | UnsetType = UNSET

    def __repr__(self) -> str:
        return f"{type(self).__name__}(user_id={self.user_id!r})"


class CodeDelivery(Shape):
    """Where a code was sent, as much of it as strangers may see."""

    Destination: Annotated[str, Meta(examples=["i***@e***"])]
    DeliveryMedium: str
    AttributeName: str


class Delivered(Shape):
    """What AWS says of a code that was sent."""

    CodeDeliveryDetails: CodeDelivery


class CodeSent(Shape):
    """A code was sent, or would have been if there were such an account."""

    data: Delivered
    statusCode: int = 200


class UserInformation(Shape):
    """What people have said about themselves; `username` is their e-mail address."""

    username: str
    firstName: str
    lastName: str
    phoneNumber: str
    streetAddress: str
    zipCode: str
    city: str
    country: str


class UserDetails(UserInformation):
    """The same, as administrators see it; `userId` is what tokens call the user."""

    userId: str
    Enabled: bool
    UserCreateDate: Time


class Attribute(Shape):
    """One thing that is known of somebody."""

    Name: str
    Value: str


class CognitoUser(Shape):
    """Somebody in Cognito's words; GUI looks for the attributes under both names."""

    Username: str
    Attributes: tuple[Attribute, ...]
    UserAttributes: tuple[Attribute, ...]
    UserCreateDate: Time
    UserLastModifiedDate: Time
    Enabled: bool
    UserStatus: Annotated[str, Meta(examples=["CONFIRMED"])]


class NewUser(Shape):
    """An account that was made."""

    User: CognitoUser


class Users(Shape):
    """Some people; `NextToken` only if there may be more."""

    Users: tuple[CognitoUser, ...]
    NextToken: str | UnsetType = UNSET


def session_of(signed_in: SignedIn) -> Session:
    """Return what an app is told of who signed in."""
    person = signed_in.person
    return Session(
        accessToken=signed_in.access_token,
        email=person.email,
        username=person.user_id,
        user_id=person.user_id,
        name=person.attributes.get(NAME, UNSET),
        family_name=person.attributes.get(FAMILY_NAME, UNSET),
    )


def code_sent(delivery: Delivery) -> CodeSent:
    """Return what an app is told of a code that was sent."""
    return CodeSent(
        data=Delivered(
            CodeDeliveryDetails=CodeDelivery(
                Destination=delivery.destination,
                DeliveryMedium=delivery.medium,
                AttributeName=delivery.attribute,
            )
        )
    )


def information_of(person: Person) -> UserInformation:
    """Return what people are told about themselves."""
    return UserInformation(**_said_of(person))


def details_of(person: Person) -> UserDetails:
    """Return what administrators are told about somebody."""
    return UserDetails(
        **_said_of(person),
        userId=person.user_id,
        Enabled=person.enabled,
        UserCreateDate=iso_of(person.created_at),
    )


def user_of(person: Person) -> CognitoUser:
    """Return somebody in Cognito's words."""
    known = tuple(
        Attribute(Name=name, Value=value) for name, value in person.attributes.items()
    )
    return CognitoUser(
        Username=person.user_id,
        Attributes=known,
        UserAttributes=known,
        UserCreateDate=iso_of(person.created_at),
        UserLastModifiedDate=iso_of(person.modified_at),
        Enabled=person.enabled,
        UserStatus=person.status,
    )


def users_of(page: PeoplePage) -> Users:
    """Return some people in Cognito's words."""
    return Users(
        Users=tuple(map(user_of, page.people)),
        NextToken=UNSET if page.next_token is None else page.next_token,
    )


def _said_of(person: Person) -> Mapping[str, Any]:
    known = person.attributes
    return {
        "username": person.email,
        "firstName": known.get(NAME, ""),
        "lastName": known.get(FAMILY_NAME, ""),
        "phoneNumber": known.get(PHONE_NUMBER, ""),
        "streetAddress": known.get(STREET_ADDRESS, ""),
        "zipCode": known.get(ZIP_CODE, ""),
        "city": known.get(CITY, ""),
        "country": known.get(COUNTRY, ""),
    }
