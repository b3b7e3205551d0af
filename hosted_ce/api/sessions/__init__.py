"""The live session in the API: what is asked of its keeper, and what its endpoints and its page share."""
