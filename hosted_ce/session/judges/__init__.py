"""How items stand by what is seen. Each is a function from facts to one answer."""
