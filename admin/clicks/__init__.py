"""Visits and their steps for analysts, and what could not be taken in."""
