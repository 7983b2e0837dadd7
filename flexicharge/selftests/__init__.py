"""The tests a running server puts itself to, with a virtual charger and driver.

They connect as anybody would, over the server's own ports; what is theirs is flagged,
seen by nobody else, and deleted at the end.
"""
