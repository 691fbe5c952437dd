"""Markdown pages that state code and output, run as native notebooks in every language they show."""
