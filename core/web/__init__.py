"""The web ground: sessions, policies, guards, errors and rendering, without any business noun."""
