"""Scores files of answers that somebody already holds; it needs no database and no settings."""
