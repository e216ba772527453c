"""`vedette up`: the project directory, the processes, the supervisor, host aliases, the demo."""
