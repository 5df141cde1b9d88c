/** Hints where no whole answer came. */
import type { HintContext, HintFacts, HintRow } from "./hint-row.ts";

const startAdvice = {
  "--to": " (--wait-on waits for it)",
  "--webhook": "",
  "--forward": "; Kinde tries again",
} as const;

export const connectionHints: readonly HintRow[] = [
  {
    name: "refused",
    answer: "none: connection refused",
    meaning: "the app does not run, or on another port",
    matches: failedWith("ERR_CONNECTION_REFUSED"),
    message: ({ context }) =>
      `is your app running, and on this port? Start it${whatThen(context)}, or say where it listens: ${context.endpointOption} http://localhost:3000/api/webhook`,
  },
  {
    name: "no-host",
    answer: "none: no such host",
    meaning: "the name is misspelt",
    matches: failedWith("ERR_HOST_NOT_FOUND"),
    message: ({ endpoint, context: { endpointOption } }) =>
      `check the name in ${endpointOption}: ${endpoint.host}`,
  },
  {
    name: "cut-answer",
    answer: "none: the answer did not end",
    meaning: "the handler began an answer and never ended it",
    matches: (facts) =>
      failedWith("ERR_TIMEOUT")(facts) &&
      errorOf(facts)?.message.startsWith("the answer did not end") === true,
    message: () =>
      "the handler began an answer and did not end it: does every path through it end the response?",
  },
  {
    name: "timeout",
    answer: "none: timeout",
    meaning: "a path through the handler sends no response",
    matches: failedWith("ERR_TIMEOUT"),
    message: () =>
      "the handler took the request and did not answer: does every path through it send a response? --timeout gives it longer",
  },
  {
    name: "closed",
    answer: "none: connection closed",
    meaning: "the app crashed or restarted, or speaks https",
    matches: failedWith("ERR_CONNECTION_CLOSED"),
    message: () =>
      "the app ended the connection without a whole answer: it may have crashed or restarted (see its own output), or speak https",
  },
  {
    name: "tls",
    answer: "none: no TLS",
    meaning: "the app speaks plain http, or its certificate is not trusted",
    matches: failedWith("ERR_TLS"),
    message: ({ endpoint, context: { endpointOption } }) =>
      `does the app speak plain http? Try ${endpointOption} ${endpoint.href.replace(/^https:/, "http:")}. ` +
      `If it is https: Node must trust its certificate; ${endpointOption === "--forward" ? "--insecure takes any" : "NODE_EXTRA_CA_CERTS adds one"}`,
  },
  {
    name: "no-http",
    answer: "none: no HTTP",
    meaning: "what listens there is no web server",
    matches: (facts) =>
      failedWith("ERR_CONNECTION_FAILED")(facts) &&
      errorOf(facts)?.message.startsWith("Parse Error") === true,
    message: ({ endpoint, context: { endpointOption } }) =>
      `what listens at ${endpoint.host} speaks no HTTP, a database perhaps, or https: ${endpointOption} says where your app is`,
  },
  {
    name: "large-answer",
    answer: "none: the answer is too large",
    meaning: "no handler answers so much: is it the right path?",
    matches: failedWith("ERR_ANSWER_TOO_LARGE"),
    message: ({ context: { endpointOption } }) =>
      `a webhook needs no answer but its status: is this your handler? ${endpointOption} says where it is`,
  },
];

function whatThen(context: HintContext): string {
  const { endpointOption, isCopy = false, isShielded = false, isOnce = false } = context;
  if (isOnce) return "";
  if (isCopy) return "; a copy is not sent again for its own sake";
  return isShielded ? "; it is tried again from here" : startAdvice[endpointOption];
}

function errorOf({ attempt }: HintFacts): { readonly code: string; readonly message: string } | null {
  return attempt.error;
}

function failedWith(code: string): HintRow["matches"] {
  return ({ attempt }) => attempt.error?.code === code;
}
