"""Journeys through the pages in a real browser, given, when, then."""
