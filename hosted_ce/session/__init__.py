"""The live integration session: its checklist, what is done of it, and its minutes. Pure."""
