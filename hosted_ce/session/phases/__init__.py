"""The phases of the live session, one in each module."""
