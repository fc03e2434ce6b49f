"""What people do: commands, presses, modals."""
