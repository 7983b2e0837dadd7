"""What standard stations (OCPP) say, and what that does to sessions and tags."""
