"""What `check` does with derivatives under test, from the claim to the verdict and its report."""
