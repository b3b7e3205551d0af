"""Pages for people: status, documentation, errors. They need no JavaScript and load nothing from elsewhere."""
