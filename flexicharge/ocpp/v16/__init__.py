"""OCPP 1.6J with the security whitepaper: texts to values and back, and no more."""
