"""What alertmanager.yml may hold: one model a part, one module a kind of receiver. No file is read here."""
