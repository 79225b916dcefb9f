"""The verdict and the failing keywords, derived from the schema.

Imports nothing, so that the fast start pays only for what it uses.
"""
