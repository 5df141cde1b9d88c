/** `GET /api/v1/events/{id}` of a project's mock: the events that its history knows, and those under way. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { StartMockOptions } from "../../src/app/start-mock.ts";
import type { History } from "../../src/history/history.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { decodeToken } from "../../src/kinde/verify.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { createEvent } from "../../src/testing/create-event.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { openPendingOf } from "../history/pending-of.ts";
import { createTemporaryHistory } from "../history/temporary-history.ts";
import type { Answered } from "../issuer/ask.ts";
import { callManagement, order } from "../issuer/routes/management-mock.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { startTestMock, type TestMock } from "./test-mock.ts";

/** As the command keeps deliveries. */
function kept(history: History): Pick<StartMockOptions, "history" | "onChange"> {
  return {
    history,
    onChange: (delivery) => {
      if (delivery.attempts.length > 0) void history.append(delivery);
    },
  };
}

async function getEvent({ port }: TestMock, id: string | undefined): Promise<Answered> {
  return await callManagement(port, "GET", `/events/${id}`);
}

test("an event is found by its id, as it was signed, also when its delivery failed", async () => {
  using project = createTemporaryProject();
  await using history = createTemporaryHistory();
  await using receiver = await startReceiver({ answers: [500] });
  await using mock = await startTestMock(project, [receiver.url], kept(history.open()));
  await mock.emit({ type: "role.created" });
  const { deliveries } = await mock.emit({
    type: "user.authenticated",
    set: { "user.email": "ada@example.com" },
  });
  const [delivery] = deliveries;
  const { type, source, event_id, timestamp, data } = decodeToken(delivery!.token)!;
  expect(event_id).toBe(delivery?.event?.id);
  expect(await getEvent(mock, event_id)).toMatchObject({ status: 200 });
  expect((await getEvent(mock, event_id)).json).toEqual({
    code: "OK",
    message: "Success",
    event: { type, source, event_id, timestamp, data },
  });
  expect((await getEvent(mock, `${event_id}0`)).status).toBe(404);
});

test("an event is found after a restart with the same history", async () => {
  using project = createTemporaryProject();
  await using history = createTemporaryHistory();
  await using receiver = await startReceiver();
  const emitted = await emitOnce(history.open());
  await using again = await startTestMock(project, [], kept(history.open()));
  const found = await getEvent(again, emitted);
  expect(found).toMatchObject({ status: 200, json: { event: { event_id: emitted, type: "user.created" } } });

  async function emitOnce(first: History): Promise<string | undefined> {
    await using mock = await startTestMock(project, [receiver.url], kept(first));
    const { deliveries } = await mock.emit({ type: "user.created" });
    return deliveries[0]?.event?.id;
  }
});

test("an app finds the event that it is just handling", async () => {
  using project = createTemporaryProject();
  await using history = createTemporaryHistory();
  const answers: Answered[] = [];
  await using receiver = await startReceiver({
    answers: [
      async (response, { body }) => {
        answers.push(await getEvent(mock, decodeToken(body.toString())?.event_id));
        response.end();
      },
    ],
  });
  await using mock = await startTestMock(project, [receiver.url], kept(history.open()));
  const [delivery] = (await mock.emit({ type: "user.created" })).deliveries;
  expect(delivery?.state).toBe("delivered");
  expect(answers).toMatchObject([{ status: 200, json: { event: { event_id: delivery?.event?.id } } }]);
});

test("an app finds the event that a killed mock had not attempted yet, while the next one delivers it", async () => {
  using project = createTemporaryProject();
  await using history = createTemporaryHistory();
  const answers: Answered[] = [];
  await using receiver = await startReceiver({
    answers: [
      async (response, { body }) => {
        answers.push(await getEvent(await starting, decodeToken(body.toString())?.event_id));
        response.end();
      },
    ],
  });
  const token = await signEvent(createEvent("user.created"), signingKey);
  const eventId = decodeToken(token)?.event_id;
  const left = openPendingOf(project);
  const event = { ...sampleDelivery().event!, id: eventId! };
  left.keep(sampleDelivery({ endpoint: receiver.url, token, event, createdAt: new Date().toISOString() }));
  left.close();
  const starting = startTestMock(project, [receiver.url], kept(history.open()));
  await using mock = await starting;
  await mock.untilEnded(sampleDelivery().id);
  expect(answers).toMatchObject([{ status: 200, json: { event: { event_id: eventId } } }]);
});

test("an event that the tunnel brought is none of the mock's, though one history keeps both", async () => {
  using project = createTemporaryProject();
  const history = createMemoryHistory();
  await using mock = await startTestMock(project, [], { history });
  const relayed = sampleDelivery({ direction: "relayed" });
  await history.append(relayed);
  expect((await getEvent(mock, relayed.event?.id)).status).toBe(404);
});

test("a webhook is registered though its project can't be written to, and that is told", async () => {
  using project = createTemporaryProject();
  const failures: unknown[] = [];
  await using mock = await startTestMock(project, [], {
    onAnnounceFailure: (error) => failures.push(error),
  });
  // A file where the directory was: nobody can write into it, whoever runs this.
  rmSync(join(project.directory, "run"), { recursive: true });
  writeFileSync(join(project.directory, "run"), "");
  const answered = await callManagement(mock.port, "POST", "/webhooks", { body: order });
  expect(answered.status).toBe(200);
  expect((await callManagement(mock.port, "GET", "/webhooks")).json).toMatchObject({
    webhooks: [{ endpoint: order.endpoint }],
  });
  expect(failures).toHaveLength(1);
  rmSync(join(project.directory, "run"));
});
