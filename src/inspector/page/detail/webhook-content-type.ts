/** Of Kinde's webhook requests; `kinde/webhook.ts`, which has it too, is of Node. */
export const webhookContentType = "application/jwt";
