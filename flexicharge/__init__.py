"""FlexiCharge: a charging back end (CSMS) on one Twisted reactor."""
