"""What is known of the queries of a server: those at work, those answered, those that took long, and counts of all."""
