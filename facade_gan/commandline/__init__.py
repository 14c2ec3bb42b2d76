"""What every command shares: its config, checks, messages and exit status."""
