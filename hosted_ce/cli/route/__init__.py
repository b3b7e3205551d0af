"""`hosted-ce route`: where a pilot goes, and why."""
