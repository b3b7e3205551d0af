"""`hosted-ce site`: site files, and the site of a running CE."""
