"""Where a pilot is and why, since when, what comes next, and whose move it is. Pure: facts come as values."""
