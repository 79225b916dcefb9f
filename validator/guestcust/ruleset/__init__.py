"""What the standard says: the schema files, the rules, their messages, and rules on times.

Imports nothing, so that the fast start pays only for what it uses.
"""
