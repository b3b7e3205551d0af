"""What was asked for pilots, what the site gave, and what they used of it; what follows for whom. Pure.

Only pilots are seen here. What the jobs in them did, nobody at this CE knows.
"""
