"""What energy costs: tariffs now, ledger and invoices as they come."""
