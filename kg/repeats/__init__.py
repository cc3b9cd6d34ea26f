"""Repeated indicators and projects, the way of targets through the years, and the review of pairs."""
