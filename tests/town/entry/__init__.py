"""How stations come in, and how they are kept out."""
