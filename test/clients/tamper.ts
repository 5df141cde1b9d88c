/** The token with other claims under the old signature. */
export function tamperWithClaims(token: string, change: object): string {
  const [header, claims = "", signature] = token.split(".");
  const decoded = JSON.parse(Buffer.from(claims, "base64url").toString()) as object;
  const changed = Buffer.from(JSON.stringify({ ...decoded, ...change })).toString("base64url");
  return [header, changed, signature].join(".");
}
