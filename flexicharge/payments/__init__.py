"""Whoever collects the money, behind one seam."""
