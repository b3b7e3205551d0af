"""What the API is given to work with; the daemon has what is in use."""
