/** How a mock is of which nothing is known yet; for tests, and for the bench, which runs without a compiler. */
export const mockStatus = {
  name: "kinde-devhook",
  version: "0.0.0",
  command: "mock",
  pid: 1,
  startedAt: "2026-01-02T03:04:05.000Z",
  runId: "one",
  localIssuer: "http://localhost:4455",
  realIssuer: null,
  tunnel: null,
  apps: [],
  endpoints: [],
  isPaused: false,
  isRedacted: false,
  shielded: null,
  webhooks: [],
  now: null,
};
