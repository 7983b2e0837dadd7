"""How much processor time a message costs the server; see README.md."""
