/** Rows of a genuine webhook in a wrapper whose end two servers could see at different places. */
import { requestBytes, type Attack, type RequestParts } from "./attack.ts";

export type Parts = (token: string) => RequestParts | string | Buffer;

/** Each is malformed, and what is behind it must not be read. */
export function ambiguous(name: string, parts: Parts, status: Attack["status"] = 400): Attack {
  return {
    name,
    bytes: ({ kinde }) => {
      const made = parts(kinde.signWebhook("user.created"));
      const bytes = typeof made === "string" || Buffer.isBuffer(made) ? made : requestBytes(made);
      const smuggled = requestBytes({ body: kinde.signWebhook("user.deleted") });
      return Buffer.concat([Buffer.from(bytes as string, "latin1"), smuggled]);
    },
    code: "ERR_MALFORMED_REQUEST",
    status,
    endsConnection: true,
  };
}
