"""The commands of the command line: each module has `configure`, which declares its arguments, and `run`."""
