import { Router } from "express";
import { eventFixture, eventTypes } from "../../kinde/event-types.ts";

/** `GET /_devhook/api/event-types`: every event type with its sample. */
export function createEventTypeRoutes(): Router {
  const router = Router();
  router.get("/event-types", (_request, response) => {
    const samples = eventTypes.map((type) => {
      const { category, description, confidence, data } = eventFixture(type);
      return { type, category, description, confidence, data };
    });
    response.json({ eventTypes: samples });
  });
  return router;
}
