"""Other people's formats: out of a store, and back into one.

A module a format; each says what the format cannot hold.
"""
