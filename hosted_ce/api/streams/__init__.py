"""Server-sent events, and the bell that wakes them."""
