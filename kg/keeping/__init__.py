"""Keeping the data whole: ``kg verify``, ``kg backup``, ``kg restore``."""
