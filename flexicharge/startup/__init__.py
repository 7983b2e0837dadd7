"""What happens before the reactor runs: the database, the ports, the first words."""
