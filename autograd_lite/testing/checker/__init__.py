"""`check`: from a derivative under test to its verdict, and what a failed check tells."""
