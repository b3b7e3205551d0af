"""The process itself: its account, what it holds, its memory and its descriptors."""
