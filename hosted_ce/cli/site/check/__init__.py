"""`hosted-ce site check`: is the site ready, and what has it to do?"""
