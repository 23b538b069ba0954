"""Log in at any OpenID provider and at any SMART on FHIR server: discovery, code with PKCE, device flow, id tokens."""
