"""What clients send and get back, declared once.

`fields` and `asked` say what a request may hold: from one declaration come its parsing,
its validation with the contract's codes, and its JSON Schema. `shapes` are what we
answer: from one declaration come the encoding and the schema. `operation` joins both to
a handler, and `openapi` makes the document of all of them.
"""
