"""What every identity provider does alike."""
