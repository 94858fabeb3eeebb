"""Notices → letters: what they say, drawn from Jinja templates that an office can replace in its workspace."""
