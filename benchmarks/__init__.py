"""Speed, accuracy and memory against what users would use instead; see docs/performance.md."""
