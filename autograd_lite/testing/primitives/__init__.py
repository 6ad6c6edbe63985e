"""Whether primitives are right in every way in which the library uses them, and whether tests would notice if they were not."""
