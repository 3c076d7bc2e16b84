"""Documents that leave the screen: PDF, calendars and tables; and the tables that come in."""
