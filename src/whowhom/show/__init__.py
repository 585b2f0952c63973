"""What people see: tables, and events drawn over their sentences."""
