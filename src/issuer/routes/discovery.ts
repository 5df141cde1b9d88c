/**
 * OpenID Connect discovery, as Kinde's environments publish it.
 * Source: Kinde docs, "About OpenID Connect"; OpenID Connect Discovery 1.0, section 3.
 */
import { Router } from "express";
import { calledOrigin } from "../called-origin.ts";

export function createDiscoveryRoutes(): Router {
  const router = Router();
  router.get("/.well-known/openid-configuration", (request, response) => {
    const issuer = calledOrigin(request);
    response.json({
      issuer,
      authorization_endpoint: `${issuer}/oauth2/auth`,
      token_endpoint: `${issuer}/oauth2/token`,
      userinfo_endpoint: `${issuer}/oauth2/v2/user_profile`,
      introspection_endpoint: `${issuer}/oauth2/introspect`,
      revocation_endpoint: `${issuer}/oauth2/revoke`,
      end_session_endpoint: `${issuer}/logout`,
      jwks_uri: `${issuer}/.well-known/jwks`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
    });
  });
  return router;
}
