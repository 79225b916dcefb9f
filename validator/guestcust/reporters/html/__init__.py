"""The HTML report: one page to open in a browser, a file for each of its parts."""
