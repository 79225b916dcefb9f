"""What is said of a report: one room a format, results in as they come, text out as it is ready.

Reporters write nothing themselves and never see a schema, an engine or a terminal.
"""
