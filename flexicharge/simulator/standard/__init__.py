"""A virtual charger of OCPP 1.6J: several connectors, tags, and a long memory."""
