"""Pages for people. Nothing is loaded from elsewhere, and all can be read without scripts."""
