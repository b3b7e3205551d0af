"""Roles, and the tokens that give them: pure but for chance. Who is let in where is the API's matter."""
