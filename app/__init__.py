"""Svar asks, keeps and hands over: everything that touches the world."""
