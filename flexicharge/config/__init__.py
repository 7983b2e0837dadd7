"""Settings: declared once, read from options, environment and `.env`, and checked."""

from flexicharge.config.charger_tls import ChargerTls
from flexicharge.config.declaration import DatabaseAddress, Settings
from flexicharge.config.reading import read_settings
from flexicharge.config.services import CognitoPool, MailServer
from flexicharge.config.sources import read_dotenv
from flexicharge.config.violations import SettingsRefused, Violation

__all__ = [
    "ChargerTls",
    "CognitoPool",
    "DatabaseAddress",
    "MailServer",
    "Settings",
    "SettingsRefused",
    "Violation",
    "read_dotenv",
    "read_settings",
]
