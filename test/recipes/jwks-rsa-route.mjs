// A Next.js route as Kinde's older guide has it: a JWKS client for the whole module, and jsonwebtoken.
import jwt from "jsonwebtoken";
import { JwksClient } from "jwks-rsa";

const client = new JwksClient({ jwksUri: `${process.env.KINDE_ISSUER_URL}/.well-known/jwks.json` });

export async function POST(request) {
  try {
    const token = await request.text();
    const { kid } = jwt.decode(token, { complete: true }).header;
    const key = await client.getSigningKey(kid);
    jwt.verify(token, key.getPublicKey(), { algorithms: ["RS256"] });
    return new Response("ok");
  } catch {
    return new Response("Invalid token", { status: 400 });
  }
}
