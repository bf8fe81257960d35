"""Reports of a run: text, JSON, JUnit, pages, and what changed since an earlier one."""
