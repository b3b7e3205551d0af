"""What a CE costs as pilots grow, and a chart of it."""
