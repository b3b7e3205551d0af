"""What the API answers when it says no (RFC 9457): the catalogue of kinds, and who makes answers of them."""
