"""What tests draw: straight-line programs inside their domains, strategies for hypothesis, the protocol as a state machine."""
