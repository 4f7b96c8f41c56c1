"""What every odd shape must pass, and how strong it turned out."""
