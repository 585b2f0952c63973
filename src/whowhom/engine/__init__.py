"""Engines: where the coding of documents runs."""
