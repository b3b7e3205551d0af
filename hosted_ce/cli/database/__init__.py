"""`hosted-ce db`: the database and its schema."""
