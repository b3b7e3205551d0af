"""The engine: one small worker for each step of a pilot's way.

Each worker is level-triggered: it loads what is written down in a short transaction, acts with none open, and
applies the outcome guarded by the version that it was computed from. A restart is just another tick.
"""
