"""JSON text: reading it strictly with positions, reading it fast, and taking streams apart.

Imports nothing, so that the fast start pays only for what it uses.
"""
