"""What people see of it: messages sent and edited, at the pace and by the ways that Discord allows."""
