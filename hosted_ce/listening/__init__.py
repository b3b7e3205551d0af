"""The API's socket: who may connect how, with which certificate, and how much of it there may be at once."""
