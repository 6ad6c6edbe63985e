"""From statements to text or to a callable, one dialect a file."""
