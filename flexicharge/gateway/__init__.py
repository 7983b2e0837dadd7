"""Autobahn protocols and factories: moves bytes, decides nothing."""
