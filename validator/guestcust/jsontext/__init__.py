"""JSON text: a strict reader with positions, a fast reader, and the splitting of streams.

Imports nothing, so that the fast start loads only the modules that it uses.
"""
