"""A cluster of one node, without words of its own."""
