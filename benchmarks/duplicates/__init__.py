"""Labelled year pairs for duplicate detection, the fitting of its weights, and its growth with the data."""
