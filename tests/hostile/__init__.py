"""What a server, a line or an environment may be: a fuzzer of the wire and of the command line, through the real entry point."""
