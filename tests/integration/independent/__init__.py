"""A charger of other people's making: the package `ocpp` on the package `websockets`.

What it says, how it is heard, and what it will take for an answer is theirs: schemas of
both directions, frames, TLS and Basic authentication. It shares no code with the server
or its simulator. `python -m tests.integration.independent` prints what is said.
"""
