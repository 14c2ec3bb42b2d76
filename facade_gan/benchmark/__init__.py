"""The benchmark: the chapter's plain loop, the step alone, and the step through Lightning."""
