"""Accounts and tokens, built in."""
