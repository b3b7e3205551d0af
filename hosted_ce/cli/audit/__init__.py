"""`hosted-ce audit`: who did what, and what was refused."""
