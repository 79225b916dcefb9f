"""The rules: schema files, rules.json, messages, and the checks of times that JSON Schema cannot express.

Imports nothing, so that the fast start loads only the modules that it uses.
"""
