"""How the CE is doing, in the words that operators use. Pure: facts come as values, time as a number."""
