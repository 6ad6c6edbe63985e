"""The engine: nodes, the table of primitives, and what they stand on; `value.py` and the modules it uses are also compiled."""
