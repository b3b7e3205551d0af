"""Pages for people: status, documentation, errors. No JavaScript, nothing loaded from elsewhere."""
