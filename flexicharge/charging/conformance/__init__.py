"""How well a connected charger keeps to OCPP 1.6, tried without doing it any harm.

`table` says what is asked, as data; `house` is the way in.
"""

from flexicharge.charging.conformance.house import Conformance, ConformanceSeams

__all__ = ["Conformance", "ConformanceSeams"]
