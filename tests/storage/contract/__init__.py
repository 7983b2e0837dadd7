"""What every provider of the stores does: one suite, run on each of them."""
