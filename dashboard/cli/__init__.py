"""The commands. Django is imported only to serve, so that a refusal comes at once."""
