"""Spans of a question and what they may mean in the graph."""
