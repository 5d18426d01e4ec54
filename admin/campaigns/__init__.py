"""Campaigns for marketers: the list, the editor with its preview, and every decision with its reason."""
