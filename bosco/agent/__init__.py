"""The program at the login node, sent or installed there: Python 3.6 or later, standard library only."""
