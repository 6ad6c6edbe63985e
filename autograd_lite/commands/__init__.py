"""The commands of the command line: each module has `configure`, which declares the command and its arguments."""
