"""The minutes of a session, in Markdown, from its board alone: the same board gives the same text."""
