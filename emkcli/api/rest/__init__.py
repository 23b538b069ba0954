"""The emk HTTP API: accounts, identity and portal as the mock and any gateway speak it (see its OpenAPI document)."""
