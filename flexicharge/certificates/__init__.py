"""Our own certificate authority: it vouches for stations, and for our TLS listeners.

Its keys are files that only their owner can read, never rows; `docs/certificates.md`
tells operators what it issues and what it refuses.
"""
