"""Who may need a friendly word: the early warning of adaptive.engagement on what is stored."""
