"""Where shapes come from: the built-in library, Toys4K, ABC, folders."""
