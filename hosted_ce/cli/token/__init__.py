"""`hosted-ce token`: who may do what at a running CE."""
