"""The command: options, settings, files in and out, worker processes, and the fast start.

Imports nothing, so that the fast start only loads what it uses.
"""
