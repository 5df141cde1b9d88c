"""Verifies with PyJWT as its documentation shows: a token a line on stdin, a verdict in JSON a line on stdout."""

import json
import sys

import jwt

jwks_client = jwt.PyJWKClient(sys.argv[1])

for line in sys.stdin:
    token = line.strip()
    try:
        signing_key = jwks_client.get_signing_key_from_jwt(token)
        verdict = {"claims": jwt.decode(token, signing_key.key, algorithms=["RS256"])}
    except jwt.PyJWTError as error:
        verdict = {"refused": f"{type(error).__name__}: {error}"}
    print(json.dumps(verdict), flush=True)
