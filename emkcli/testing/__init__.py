"""For the tests of others: a mock with fixtures for pytest (`emkcli.testing.plugin`), and the suite that a backend has to
pass (`emkcli.testing.contract`)."""
