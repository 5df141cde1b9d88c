// A sample app, with the webhook handler that Kinde's documentation shows. It knows nothing of kinde-devhook.
import { createHash } from "node:crypto";
import { decodeWebhook } from "@kinde/webhooks";
import express from "express";

const app = express();

// For the demo: every request that has reached this app, the raw body's hash, and what the handler took for real.
const received = [];
app.get("/received", (_request, response) => {
  response.json(received);
});
app.use((request, response, next) => {
  const { method, path, headers } = request;
  response.locals.seen = { method, path, webhookId: headers["webhook-id"], bodyHash: null, event: null };
  received.push(response.locals.seen);
  next();
});
const hashBody = (_request, response, body) => {
  response.locals.seen.bodyHash = createHash("sha256").update(body).digest("hex");
};

app.post(
  "/api/webhook",
  express.text({ type: "application/jwt", verify: hashBody }),
  async (request, response) => {
    const event = await decodeWebhook(request.body, process.env.KINDE_ISSUER_URL);
    if (event === null) {
      response.status(400).send("Invalid token");
      return;
    }
    response.locals.seen.event = event;
    response.sendStatus(200);
  },
);

const server = app.listen(Number(process.env.PORT), "127.0.0.1", () => {
  console.log(`listening on http://localhost:${server.address().port}`);
});
