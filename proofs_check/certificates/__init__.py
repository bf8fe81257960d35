"""The independent checker of certificates that descend --certify writes."""
