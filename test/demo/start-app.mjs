import { fileURLToPath } from "node:url";
import { startNode } from "../helpers/processes.mjs";
import { requestPublic } from "../helpers/request-public.mjs";

const appPath = fileURLToPath(new URL("app.mjs", import.meta.url));

/**
 * Starts the sample app, a process of its own.
 * @param {ReturnType<typeof import("../helpers/processes.mjs").createProject>} project
 * @param {string} issuer all that the app knows of us
 */
export async function startApp({ directory, environment }, issuer) {
  const app = startNode([appPath], {
    cwd: directory,
    env: { ...environment, KINDE_ISSUER_URL: issuer, PORT: "0" },
  });
  const origin = (await app.line(/^listening on /)).replace("listening on ", "");
  return {
    origin,
    endpoint: `${origin}/api/webhook`,
    /** Every request that has reached the app: `{ method, path, webhookId, bodyHash, event }`. */
    received: async () => JSON.parse((await requestPublic(`${origin}/received`)).body),
  };
}
