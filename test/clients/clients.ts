/** Every client that is tested: Kinde's own packages first, then what handlers use that verify by themselves. */
import type { Client } from "./client.ts";
import { fastJwt } from "./fast-jwt.ts";
import { jose } from "./jose.ts";
import { jwksRsa } from "./jwks-rsa.ts";
import { kindeJwtValidator } from "./kinde-jwt-validator.ts";
import { kindeWebhooks } from "./kinde-webhooks.ts";
import { pyjwt } from "./pyjwt.ts";

export const clients: readonly Client[] = [kindeWebhooks, kindeJwtValidator, jose, jwksRsa, fastJwt, pyjwt];
