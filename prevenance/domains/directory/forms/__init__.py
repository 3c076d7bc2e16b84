"""What people type about structures and services."""
