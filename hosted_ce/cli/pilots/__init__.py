"""`hosted-ce pilots` and `hosted-ce why`: what a running CE has, and what becomes of it."""
