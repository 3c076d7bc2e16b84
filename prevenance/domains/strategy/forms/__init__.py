"""What people type about plans, sheets, indicators and tools."""
