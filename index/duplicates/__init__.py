"""Repeated indicators: names read, pairs scored with reasons and guards, years assigned one to one, clusters."""
