"""The fast check and the failing keywords, both derived from the schema.

Imports nothing, so that the fast start pays only for what it uses.
"""
