"""`hosted-ce logs`: what the CE wrote into its log, and what it writes."""
