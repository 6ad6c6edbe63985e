"""What is thrown at the package by the thousand, to break it: `python -m tests.torture --minutes 2`. Each file here holds generators."""
