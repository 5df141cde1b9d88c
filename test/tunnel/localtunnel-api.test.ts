import { describe, expect, test } from "vitest";
import { requestTunnel, type Grant } from "../../src/tunnel/localtunnel-api.ts";
import { startFakeLocaltunnelServer, type RegistrationMode } from "../helpers/fake-localtunnel-server.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { startTcpServer } from "../net/tcp-server.ts";

const name = "acme-devhook";
const granted = {
  id: name,
  port: 40_000,
  max_conn_count: 10,
  url: "https://acme-devhook.tunnel.example",
};

/** Asks a server whose every answer is this one. */
async function askFor(answer: RegistrationMode, timeoutMs?: number): Promise<Grant> {
  await using server = await startFakeLocaltunnelServer({ answer });
  return await ask(server.url, timeoutMs);
}

async function ask(url: string, timeoutMs?: number): Promise<Grant> {
  return await requestTunnel(new URL(url), name, new AbortController().signal, timeoutMs);
}

describe("a tunnel that is granted", () => {
  test("is asked for by its name, in one GET that says who asks", async () => {
    await using server = await startReceiver({
      answers: [(response) => void response.end(JSON.stringify(granted))],
    });
    await ask(server.url);
    expect(server.requests).toHaveLength(1);
    const { method, url, headers } = await server.next();
    expect({ method, url }).toEqual({ method: "GET", url: `/${name}` });
    expect(headers).toMatchObject({
      accept: "application/json",
      "user-agent": expect.stringMatching(/^kinde-devhook\/\d/) as string,
    });
  });

  test("has the server's host for its connections, unless an address is given", async () => {
    expect(await askFor({ body: granted })).toEqual({
      id: name,
      publicUrl: new URL(granted.url),
      address: { host: "localhost", port: 40_000 },
      maxConnections: 10,
    });
    expect((await askFor({ body: { ...granted, ip: "192.0.2.7" } })).address.host).toBe("192.0.2.7");
    expect((await askFor({ body: { ...granted, ip: "" } })).address.host).toBe("localhost");
  });

  test("has the name that was really given, whatever was asked for", async () => {
    expect((await askFor("taken")).id).toMatch(/^other-/);
  });

  test.each<[said: unknown, connections: number]>([
    [10, 10],
    [9, 9],
    [1, 1],
    [2.9, 2],
    [11, 10],
    [1_000_000, 10],
    [Number.MAX_VALUE, 10],
    [0, 1],
    [-5, 1],
    ["10", 1],
    [null, 1],
    [undefined, 1],
  ])("of %j connections has %i", async (said, connections) => {
    expect((await askFor({ body: { ...granted, max_conn_count: said } })).maxConnections).toBe(connections);
  });
});

describe("no tunnel,", () => {
  test.each<[what: string, answer: RegistrationMode, code: string, isPassing: boolean]>([
    ["403", "forbidden", "ERR_TUNNEL_REFUSED", false],
    ["403 with a page", { status: 403, body: "<h1>Forbidden</h1>" }, "ERR_TUNNEL_REFUSED", false],
    ["429", "too-many", "ERR_TUNNEL_UNAVAILABLE", true],
    ["500", { status: 500, body: "Internal Server Error" }, "ERR_TUNNEL_UNAVAILABLE", true],
    ["502", { status: 502, body: "<h1>Bad Gateway</h1>" }, "ERR_TUNNEL_UNAVAILABLE", true],
    ["503", "error", "ERR_TUNNEL_UNAVAILABLE", true],
    ["504, though with a grant", { status: 504, body: granted }, "ERR_TUNNEL_UNAVAILABLE", true],
    ["404", { status: 404, body: { message: "Not Found" } }, "ERR_TUNNEL_INVALID", false],
    ["204", { status: 204 }, "ERR_TUNNEL_INVALID", false],
    ["201 with a grant", { status: 201, body: granted }, "ERR_TUNNEL_INVALID", false],
    ["a web page", "html", "ERR_TUNNEL_INVALID", false],
    ["nothing", { body: "" }, "ERR_TUNNEL_INVALID", false],
    ["half a grant", { body: JSON.stringify(granted).slice(0, -1) }, "ERR_TUNNEL_INVALID", false],
    ["more than 64 KiB", { body: { ...granted, more: "x".repeat(1 << 16) } }, "ERR_TUNNEL_INVALID", false],
    ["a list", { body: [granted] }, "ERR_TUNNEL_INVALID", false],
    ["null", { body: null }, "ERR_TUNNEL_INVALID", false],
    ["a text in JSON", { body: '"granted"' }, "ERR_TUNNEL_INVALID", false],
    ["a number for an id", { body: { ...granted, id: 7 } }, "ERR_TUNNEL_INVALID", false],
    ["no id", { body: { ...granted, id: undefined } }, "ERR_TUNNEL_INVALID", false],
    ["no port", { body: { ...granted, port: undefined } }, "ERR_TUNNEL_INVALID", false],
    ["a port in quotes", { body: { ...granted, port: "40000" } }, "ERR_TUNNEL_INVALID", false],
    ["port 0", { body: { ...granted, port: 0 } }, "ERR_TUNNEL_INVALID", false],
    ["port 65536", { body: { ...granted, port: 65_536 } }, "ERR_TUNNEL_INVALID", false],
    ["half a port", { body: { ...granted, port: 40_000.5 } }, "ERR_TUNNEL_INVALID", false],
    ["no URL", { body: { ...granted, url: undefined } }, "ERR_TUNNEL_INVALID", false],
    ["a URL that is none", { body: { ...granted, url: "acme-devhook" } }, "ERR_TUNNEL_INVALID", false],
    ["a script for a URL", { body: { ...granted, url: "javascript:alert(1)" } }, "ERR_TUNNEL_INVALID", false],
    ["a redirect to nowhere", { status: 302 }, "ERR_TUNNEL_INVALID", false],
    [
      "a redirect to a file",
      { status: 302, headers: { location: "file:///etc/passwd" } },
      "ERR_TUNNEL_INVALID",
      false,
    ],
    ["a redirect to no URL", { status: 302, headers: { location: "http://[" } }, "ERR_TUNNEL_INVALID", false],
  ])("but %s: the answer is told apart as it should be", async (_, answer, code, isPassing) => {
    await expect(askFor(answer)).rejects.toMatchObject({
      code,
      isPassing,
      exitCode: 3,
      message: expect.stringMatching(/^Failed to open the tunnel: .+\. \S.+/s) as string,
    });
  });

  test.each<[what: string, answer: Answer]>([
    ["no answer", () => {}],
    ["an answer that does not end", (response) => void response.writeHead(200).write('{"id":')],
  ])("but %s within the time: ERR_TUNNEL_UNREACHABLE", async (_, answer) => {
    await using server = await startReceiver({ answers: [answer] });
    await expect(ask(server.url, 100)).rejects.toMatchObject({
      code: "ERR_TUNNEL_UNREACHABLE",
      isPassing: true,
      exitCode: 3,
    });
  });

  test("and the connection cut: ERR_TUNNEL_UNREACHABLE", async () => {
    await using server = await startTcpServer((socket) => void socket.once("data", () => socket.destroy()));
    await expect(ask(`http://127.0.0.1:${server.port}`)).rejects.toMatchObject({
      code: "ERR_TUNNEL_UNREACHABLE",
      isPassing: true,
    });
  });

  test("nothing that listens, or no such host: ERR_TUNNEL_UNREACHABLE", async () => {
    const unreachable = { code: "ERR_TUNNEL_UNREACHABLE", isPassing: true };
    await expect(ask(`http://localhost:${await findFreePort()}`)).rejects.toMatchObject(unreachable);
    await expect(ask("http://nobody.invalid")).rejects.toMatchObject(unreachable);
  });

  test("the server's own words, cut to a bound", async () => {
    await expect(askFor("forbidden")).rejects.toThrow(/refuses the name acme-devhook: Invalid subdomain\. /);
    const long = { status: 403, body: { message: "x".repeat(5_000) } };
    await expect(askFor(long)).rejects.toMatchObject({
      reason: expect.stringMatching(/: x{200}$/) as string,
    });
  });
});

describe("a redirect", () => {
  test.each([301, 302, 307, 308])("by %i is followed", async (status) => {
    await using elsewhere = await startFakeLocaltunnelServer();
    const location = `http://127.0.0.1:${elsewhere.port}/${name}`;
    const grant = await askFor({ status, headers: { location } });
    expect(elsewhere.registrations).toEqual([`/${name}`]);
    expect(grant.publicUrl.origin).toBe(`http://${name}.localhost:${elsewhere.port}`);
    // The tunnel's port is open where the tunnel was granted.
    expect(grant.address.host).toBe("127.0.0.1");
  });

  test("within the server is followed", async () => {
    await using server = await startFakeLocaltunnelServer({ answer: "redirect" });
    expect((await ask(server.url)).id).toBe(name);
    expect(server.registrations).toEqual([`/${name}`, `/${name}?moved`]);
  });

  test("is not followed for ever", async () => {
    await using server = await startFakeLocaltunnelServer({
      answer: { status: 302, headers: { location: "/again" } },
    });
    await expect(ask(server.url)).rejects.toMatchObject({ code: "ERR_TUNNEL_INVALID" });
    expect(server.registrations).toEqual([`/${name}`, "/again", "/again", "/again"]);
  });

  test("gives no more time", async () => {
    await using silent = await startReceiver({ answers: [() => {}] });
    await using server = await startReceiver({
      answers: [
        (response) => void setTimeout(() => response.writeHead(302, { location: silent.url }).end(), 500),
      ],
    });
    await expect(ask(server.url, 2_000)).rejects.toMatchObject({
      code: "ERR_TUNNEL_UNREACHABLE",
      // What was left of the two seconds.
      reason: expect.stringMatching(/no answer within (0\.\d+|1\.[0-5]\d*|1\.5) s/) as string,
    });
  });
});

describe("a signal", () => {
  test("ends the wait for the answer with its reason", async () => {
    await using server = await startFakeLocaltunnelServer({ answer: "never" });
    const abort = new AbortController();
    const asked = requestTunnel(new URL(server.url), name, abort.signal);
    await server.nextRegistration();
    abort.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
  });

  test("that came before asks for nothing", async () => {
    await using server = await startFakeLocaltunnelServer();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(requestTunnel(new URL(server.url), name, signal)).rejects.toThrow("enough");
    expect(server.registrations).toEqual([]);
  });
});
