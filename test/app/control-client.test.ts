import { describe, expect, test } from "vitest";
import { emitThroughMock, followIssuer } from "../../src/app/control-client.ts";
import type { RunRecord } from "../../src/project/run-file.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { controlToken, startTestIssuer } from "../issuer/test-issuer.ts";

describe("emitting through the running mock", () => {
  test("asks for the event with the token of its run, and gives its deliveries", async () => {
    const deliveries = [sampleDelivery(), sampleDelivery({ id: "dlv_2" })];
    await using server = await startReceiver({ answers: [json({ deliveries })] });
    const request = { type: "user.created", set: { "user.email": "ada@example.com" } } as const;
    expect(await emitThroughMock(runAt(server.port), request, 20_000)).toEqual(deliveries);
    const { method, url, headers, body } = await server.next();
    expect({ method, url }).toEqual({ method: "POST", url: "/_devhook/api/emit" });
    expect(headers).toMatchObject({
      authorization: `Bearer ${controlToken}`,
      "content-type": "application/json",
    });
    expect(JSON.parse(body.toString())).toEqual(request);
  });

  test("takes an answer of many deliveries whole", async () => {
    const body = "x".repeat(64 * 1024);
    const deliveries = Array.from({ length: 40 }, (_, index) =>
      sampleDelivery({ id: `dlv_${index}`, token: body }),
    );
    await using server = await startReceiver({ answers: [json({ deliveries })] });
    expect(await emitThroughMock(runAt(server.port), { type: "user.created" }, 20_000)).toHaveLength(40);
  });

  test("fails with the code that the mock gave", async () => {
    await using issuer = await startTestIssuer();
    await expect(emitThroughMock(runAt(issuer.port), { type: "user.created" }, 20_000)).rejects.toMatchObject(
      {
        code: "ERR_NO_WEBHOOK",
      },
    );
    const stranger = { ...runAt(issuer.port), token: "another" };
    await expect(emitThroughMock(stranger, { type: "user.created" }, 20_000)).rejects.toMatchObject({
      code: "ERR_CONTROL_TOKEN",
    });
  });

  const cut: Answer = (_response, _request, incoming) => void incoming.socket.destroy();
  test.each<[string, Answer]>([
    ["no JSON", (response) => void response.end("<html>")],
    ["nothing", 200],
    ["other JSON", json({ hello: "there" })],
    ["an error of another shape", json({ errors: { code: "ROUTE_NOT_FOUND" } })],
    ["null", json(null)],
    ["half an answer", cut],
  ])("is ERR_MOCK_UNREACHABLE, exit code 3, when it answers %s", async (_, answer) => {
    await using server = await startReceiver({ answers: [answer] });
    const run = runAt(server.port);
    await expect(emitThroughMock(run, { type: "user.created" }, 20_000)).rejects.toMatchObject({
      code: "ERR_MOCK_UNREACHABLE",
      exitCode: 3,
      message: expect.stringContaining(`port ${run.port}`),
    });
  });

  test("is ERR_MOCK_UNREACHABLE when it has gone, or takes too long", async () => {
    const gone = emitThroughMock(runAt(await findFreePort()), { type: "user.created" }, 20_000);
    await expect(gone).rejects.toMatchObject({ code: "ERR_MOCK_UNREACHABLE" });
    await using server = await startReceiver({ answers: [() => {}] });
    const hanging = emitThroughMock(runAt(server.port), { type: "user.created" }, 100);
    await expect(hanging).rejects.toMatchObject({ code: "ERR_MOCK_UNREACHABLE" });
  });
});

describe("following an issuer", () => {
  test("tells of its end before it ends, and of its end", async () => {
    await using issuer = await startTestIssuer();
    const followed = await followIssuer(runAt(issuer.port));
    const steps: string[] = [];
    const gone = followed?.gone.then(() => steps.push("gone"));
    const closing = issuer.close();
    await followed?.ending;
    steps.push("ending");
    followed?.hangUp();
    await closing;
    await gone;
    expect(steps).toEqual(["ending", "gone"]);
  });

  test("tells of an end without notice", async () => {
    let kill = (): void => {};
    await using server = await startReceiver({
      answers: [
        (response, _request, incoming) => {
          kill = () => void incoming.socket.destroy();
          response.flushHeaders();
        },
      ],
    });
    const followed = await followIssuer(runAt(server.port));
    expect(followed).toBeDefined();
    kill();
    await followed?.ending;
    await followed?.gone;
  });

  test.each<[string, Answer]>([
    ["refuses", 503],
    ["does not know of it", 404],
    ["hangs up", (_response, _request, incoming) => void incoming.socket.destroy()],
  ])("is not possible where the holder %s", async (_, answer) => {
    await using server = await startReceiver({ answers: [answer] });
    expect(await followIssuer(runAt(server.port))).toBeUndefined();
  });

  test("is not possible where nobody listens, or with another token", async () => {
    expect(await followIssuer(runAt(await findFreePort()))).toBeUndefined();
    await using issuer = await startTestIssuer();
    expect(await followIssuer({ ...runAt(issuer.port), token: "another" })).toBeUndefined();
  });
});

function runAt(port: number): RunRecord {
  return { port, pid: process.pid, command: "mock", token: controlToken, webhooks: [] };
}

function json(value: unknown): Answer {
  return (response) =>
    void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}
