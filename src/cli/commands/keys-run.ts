/** `keys`: what each action does, and what it says. */
import { createPublicKey } from "node:crypto";
import { InvalidOptionError } from "../../kinde/errors.ts";
import type { IssuerKey } from "../../kinde/key-set.ts";
import { exportPrivateJwk, type SigningKey } from "../../kinde/signing-key.ts";
import { keysPathOf } from "../../project/keys-file.ts";
import type { ProjectKeys } from "../../project/project-keys.ts";
import type { Context } from "../command.ts";
import type { Reporter } from "../output/reporter.ts";
import { escapeControls } from "../output/text.ts";
import { openKeys } from "../project-keys.ts";

export type KeysAction = "show" | "rotate" | "retire" | "export";

/** How `keys export` writes. */
export interface ExportForm {
  readonly isPrivate: boolean;
  readonly isPem: boolean;
}

/** @param kids of `keys retire`; none for all that were rotated */
export async function runKeys(
  action: KeysAction,
  kids: readonly string[],
  form: ExportForm,
  { project, reporter }: Pick<Context, "project" | "reporter">,
): Promise<void> {
  if (action === "export" && form.isPem && reporter.isJson) {
    throw new InvalidOptionError("--pem", "no --json beside it", "both");
  }
  const keys = await openKeys(project, reporter);
  switch (action) {
    case "show":
      showKeys(keys, keysPathOf(project), reporter);
      break;
    case "rotate":
      await keys.rotate();
      tellRotated(keys.list(), reporter);
      break;
    case "retire":
      retire(keys, kids, reporter);
      break;
    case "export":
      exportKeys(keys, form, reporter);
      break;
    default:
      action satisfies never;
  }
}

function showKeys(keys: ProjectKeys, path: string, reporter: Reporter): void {
  const [signing, ...rotated] = keys.list();
  recordKeys(keys.list(), reporter);
  if (reporter.isJson || signing === undefined) return;
  const { print, paint, note } = reporter;
  const describe = (kid: string, text: string): void =>
    print(`${kid}  ${paint("dim", escapeControls(text))}`);
  describe(paint("bold", signing.kid), `signs; made ${signing.createdAt}`);
  for (const { kid, createdAt, rotatedAt } of rotated) {
    describe(kid, `signed from ${createdAt} to ${rotatedAt}; still verifies`);
  }
  print(JSON.stringify(signing.publicJwk, undefined, 2));
  note(`The private key is in ${path}.`);
}

function tellRotated([signing, before]: readonly IssuerKey[], reporter: Reporter): void {
  if (signing === undefined || before === undefined) return;
  recordKeys([signing, before], reporter);
  if (reporter.isJson) return;
  const { print, paint, note } = reporter;
  print(`${paint("bold", signing.kid)}  ${paint("dim", "signs from now on")}`);
  print(`${before.kid}  ${paint("dim", "signs no more, and still verifies")}`);
  note(
    "Commands that run follow at once. Apps that cached the JWKS fetch it again when they meet the new key",
  );
  note("id (jose not within 30 s of the last time); those that do not must be restarted.");
  note("`npx kinde-devhook keys retire` drops the old key.");
}

function retire(keys: ProjectKeys, kids: readonly string[], reporter: Reporter): void {
  const before = keys.list();
  keys.retire(kids);
  const after = keys.list();
  recordKeys(after, reporter);
  if (reporter.isJson) return;
  const { print, paint, note } = reporter;
  const retired = before.filter(({ kid }) => !after.some((key) => key.kid === kid));
  for (const { kid } of retired) {
    print(`${kid}  ${paint("dim", "is retired: what it signed verifies no more")}`);
  }
  note(
    retired.length === 0
      ? "There is nothing to retire: the one key there is signs. `npx kinde-devhook keys rotate` has a new one sign."
      : "Apps that cached the JWKS may take it until they fetch the JWKS again, or are restarted.",
  );
}

function exportKeys(keys: ProjectKeys, { isPrivate, isPem }: ExportForm, reporter: Reporter): void {
  const signingKey = keys.current();
  if (isPrivate) {
    reporter.note(
      "This is the private key: whoever has it can sign what your app takes for events of this project.",
    );
  }
  if (reporter.isJson) {
    if (isPrivate) {
      // Another process may have rotated since: the two parts in a record are of one key.
      const own = keys.list().filter(({ kid }) => kid === signingKey.kid);
      for (const key of own) {
        reporter.record({ record: "key", ...key, privateJwk: privateJwkOf(signingKey) });
      }
    } else recordKeys(keys.list(), reporter);
  } else if (isPem) {
    reporter.print(pemOf(signingKey, isPrivate).trimEnd());
  } else {
    reporter.print(JSON.stringify(isPrivate ? privateJwkOf(signingKey) : keys.jwks(), undefined, 2));
  }
}

/** With what the public JWK says of it, for libraries other than ours. */
function privateJwkOf(key: SigningKey): object {
  const { alg, kid, use } = key.publicJwk;
  return { ...exportPrivateJwk(key), alg, kid, use };
}

function pemOf({ privateKey }: SigningKey, isPrivate: boolean): string {
  return isPrivate
    ? privateKey.export({ type: "pkcs8", format: "pem" }).toString()
    : createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
}

function recordKeys(keys: readonly IssuerKey[], reporter: Reporter): void {
  for (const key of keys) reporter.record({ record: "key", ...key });
}
