"""Every seam of the house: who may be asked for what, in which units, raising what.

Rooms call sideways and upwards only through these; each has a production provider and
a fake or in-memory twin, and `verifyObject` holds both to the declaration.
"""

from flexicharge.interfaces.accounts import IAccountStore
from flexicharge.interfaces.certificates import ICertificateAuthority
from flexicharge.interfaces.commands import ICommandStore
from flexicharge.interfaces.invoices import IInvoices, IInvoiceStore
from flexicharge.interfaces.journal import IFrameJournal
from flexicharge.interfaces.links import (
    IAlarms,
    IBackground,
    IBus,
    IChargerLink,
    IDriverLink,
    IStations,
)
from flexicharge.interfaces.money import IPayments, IPricing
from flexicharge.interfaces.people import (
    IEntropy,
    IIdentity,
    IMail,
    IPasswordHasher,
    ITokens,
)
from flexicharge.interfaces.reservations import IReservationStore
from flexicharge.interfaces.selftests import IRemains, ISelfTests, ISelfTestStore
from flexicharge.interfaces.station_book import IStationBook
from flexicharge.interfaces.stores import (
    IChargerStore,
    IDatabase,
    IReadingStore,
    ITariffStore,
    ITransactionStore,
)
from flexicharge.interfaces.tags import IIdTagStore

__all__ = [
    "IAccountStore",
    "IAlarms",
    "IBackground",
    "IBus",
    "ICertificateAuthority",
    "IChargerLink",
    "IChargerStore",
    "ICommandStore",
    "IDatabase",
    "IDriverLink",
    "IEntropy",
    "IFrameJournal",
    "IIdTagStore",
    "IIdentity",
    "IInvoiceStore",
    "IInvoices",
    "IMail",
    "IPasswordHasher",
    "IPayments",
    "IPricing",
    "IReadingStore",
    "IRemains",
    "IReservationStore",
    "ISelfTestStore",
    "ISelfTests",
    "IStationBook",
    "IStations",
    "ITariffStore",
    "ITokens",
    "ITransactionStore",
]
