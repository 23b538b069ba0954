"""The wire of ESIA (ЕСИА) for information systems registered at /mock/clients: authorization, tokens, person data.

Built from the public guidelines (version 3.48); it shares nothing with the client.
"""
