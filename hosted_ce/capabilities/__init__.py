"""What the CE knows of its sites by probing them, and what follows from it. Pure."""
