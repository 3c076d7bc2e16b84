"""From querysets to what screens, files and engines take."""
