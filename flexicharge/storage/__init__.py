"""What is remembered: PostgreSQL, its in-memory twin, and the launcher."""
