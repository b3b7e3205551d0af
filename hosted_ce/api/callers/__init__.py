"""Who asks, what they may do, how often they may come, and what they are shown."""
