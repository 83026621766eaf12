"""The command line, one module a command. Text to standard output, messages to standard error."""
