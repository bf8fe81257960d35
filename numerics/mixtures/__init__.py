"""A mixture as exact data: problem, frame, reduction by symmetries, noise time."""
