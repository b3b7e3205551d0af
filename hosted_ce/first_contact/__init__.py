"""What is done before there is a CE: its key, and a look at the host keys of the login nodes."""
