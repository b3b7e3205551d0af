"""The pilot: what was asked for, its states and which changes between them are legal. Pure."""
