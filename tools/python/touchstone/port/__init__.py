"""Ports in Python: your own explanations, judged by Touchstone."""
