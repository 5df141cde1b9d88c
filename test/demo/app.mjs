// A sample app, with the webhook handler that Kinde's documentation shows. It knows nothing of kinde-devhook.
import { decodeWebhook } from "@kinde/webhooks";
import express from "express";

const app = express();
const accepted = [];

app.post("/api/webhook", express.text({ type: "application/jwt" }), async (request, response) => {
  const event = await decodeWebhook(request.body, process.env.KINDE_ISSUER_URL);
  if (event === null) {
    response.status(400).send("Invalid token");
    return;
  }
  accepted.push(event);
  response.sendStatus(200);
});

// For the demo: what the handler took for real.
app.get("/accepted", (_request, response) => {
  response.json(accepted);
});

const server = app.listen(Number(process.env.PORT), "127.0.0.1", () => {
  console.log(`listening on http://localhost:${server.address().port}`);
});
