"""The fielded clients, replayed against a server process of its own.

One module plays a client's calls, in the client's order and read as strictly as the
client reads them; the test module of the same name goes through its flows. What a
client needs is in the contract, and nowhere else.
"""
