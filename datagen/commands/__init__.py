"""The oddgen commands: options in, one sentence out."""
