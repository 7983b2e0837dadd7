"""Makes `twistd flexicharge` known to Twisted, and does nothing else."""

from twisted.application.service import ServiceMaker

flexicharge = ServiceMaker(
    "FlexiCharge",
    "flexicharge.tap",
    "The FlexiCharge back end for chargers, apps and operators.",
    "flexicharge",
)
