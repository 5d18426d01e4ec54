"""Campaigns: mail that is set off by what happens, decided once per person and step, with the reason for each skip."""
