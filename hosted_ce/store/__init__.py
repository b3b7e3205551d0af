"""What is written down: pilots, attempts, events. SQLAlchemy Core; SQLite, or PostgreSQL by URL."""
