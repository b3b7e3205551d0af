"""Sessions in a running CE: what is seen, what is started, what is written down."""
