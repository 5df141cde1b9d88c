import { expect, test } from "vitest";
import { ngrokError } from "../../src/tunnel/ngrok-error.ts";

const codes = [
  ["ERR_NGROK_4018", "ERR_NGROK_TOKEN_MISSING", "ngrok config add-authtoken"],
  ["ERR_NGROK_105", "ERR_NGROK_TOKEN_REFUSED", "NGROK_AUTHTOKEN"],
  ["ERR_NGROK_107", "ERR_NGROK_TOKEN_REFUSED", "ngrok config add-authtoken"],
  ["ERR_NGROK_108", "ERR_NGROK_FAILED", "dashboard.ngrok.com/agents"],
  ["ERR_NGROK_334", "ERR_NGROK_FAILED", "--intake-port"],
  ["ERR_NGROK_120", "ERR_NGROK_FAILED", "ngrok update"],
  ["ERR_NGROK_121", "ERR_NGROK_FAILED", "ngrok update"],
  ["ERR_NGROK_9040", "ERR_NGROK_FAILED", "https://ngrok.com/docs/errors/err_ngrok_9040"],
] as const;

test.each(codes)("%s is %s, names itself, and says what helps: %s", (ngrokCode, code, advice) => {
  const error = ngrokError(`something\r\n\r\n${ngrokCode}\r\n`, { isPassing: false });
  expect(error.code).toBe(code);
  expect(error.reason).toContain(`(${ngrokCode})`);
  expect(error.message).toContain(advice);
});

test("another code does not begin like a known one and end elsewhere", () => {
  expect(ngrokError("something ERR_NGROK_1080", { isPassing: false }).message).not.toContain("agents");
});

test.each([
  ["below the first line", "The authtoken is wrong.\nYour authtoken: 2secret\n"],
  ["on the first line", "The authtoken is wrong. Your authtoken: 2secret"],
])("a token that ngrok repeats %s is not repeated by us", (_where, said) => {
  const { message } = ngrokError(said, { isPassing: false });
  expect(message).toContain("The authtoken is wrong");
  expect(message).not.toContain("2secret");
});

test("what ngrok says is one line of bounded length, whatever it said", () => {
  const { reason } = ngrokError(`ERROR:  \nERROR:  ${"x".repeat(5_000)}\nERROR:  y`, { isPassing: false });
  expect(reason).toBe(`ngrok opens none, and says "${"x".repeat(300)}"`);
});

test.each([true, false])(
  "where it does not tell itself whether it passes (%s), its caller does",
  (isPassing) => {
    expect(ngrokError("something", { isPassing }).isPassing).toBe(isPassing);
    expect(ngrokError("ERR_NGROK_4018", { isPassing }).isPassing).toBe(false);
    expect(ngrokError("ERR_NGROK_108", { isPassing }).isPassing).toBe(true);
  },
);
