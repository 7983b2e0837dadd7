"""The use cases of a charge: reserve, start, meter, stop, settle."""
