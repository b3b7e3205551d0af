"""The factory's door in a running CE."""
