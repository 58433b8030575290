"""The engine: a definition compiled into steps over columns of small tables."""
