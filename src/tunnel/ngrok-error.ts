/**
 * What ngrok says when it opens no tunnel, as an error of ours with what to do.
 * Source: ngrok's documentation, "Errors"; reports of its users for the words around the codes.
 */
import { TunnelError } from "./tunnel.ts";

interface KnownError {
  readonly code: TunnelError["code"];
  readonly reason: string;
  readonly advice: string;
  readonly isPassing?: boolean;
}

const giveToken =
  "Copy yours from https://dashboard.ngrok.com/get-started/your-authtoken and run `ngrok config add-authtoken <token>`, or set NGROK_AUTHTOKEN.";

const missing: KnownError = {
  code: "ERR_NGROK_TOKEN_MISSING",
  reason: "ngrok has no authtoken",
  advice: giveToken,
};
const refused: KnownError = {
  code: "ERR_NGROK_TOKEN_REFUSED",
  reason: "ngrok does not take the authtoken",
  advice: giveToken,
};
const tooOld: KnownError = {
  code: "ERR_NGROK_FAILED",
  reason: "this ngrok is older than its service takes",
  advice: "Run `ngrok update`, or install it anew.",
};

const knownErrors: Readonly<Record<string, KnownError>> = {
  ERR_NGROK_4018: missing,
  ERR_NGROK_105: refused,
  ERR_NGROK_107: refused,
  ERR_NGROK_120: tooOld,
  ERR_NGROK_121: tooOld,
  ERR_NGROK_108: {
    code: "ERR_NGROK_FAILED",
    reason: "the ngrok account runs as many agents as it may",
    advice: "End another one: https://dashboard.ngrok.com/agents lists them.",
    isPassing: true,
  },
  ERR_NGROK_334: {
    code: "ERR_NGROK_FAILED",
    reason: "the URL of the ngrok account already leads elsewhere",
    advice:
      "End the ngrok that has it; or have that one lead here, `ngrok http 4460`, and give --intake-port 4460.",
    // The service takes a moment to notice that an agent has gone.
    isPassing: true,
  },
};

const maxSaidLength = 300;

/**
 * @param said an error's text as ngrok gave it; it may have several lines, and the token in one of them
 * @param isPassing whether trying again may help, where the text itself does not tell
 */
export function ngrokError(said: string, { isPassing }: { isPassing: boolean }): TunnelError {
  const ngrokCode = /ERR_NGROK_\d+/.exec(said)?.[0];
  const known = ngrokCode === undefined ? undefined : knownErrors[ngrokCode];
  if (known !== undefined) {
    const { code, reason, advice } = known;
    return new TunnelError(code, `${reason} (${ngrokCode})`, advice, { isPassing: known.isPassing ?? false });
  }
  const reason = `ngrok opens none, and says "${firstLine(said)}"`;
  if (ngrokCode === undefined) return ngrokFailed(reason, { isPassing });
  const advice = `https://ngrok.com/docs/errors/${ngrokCode.toLowerCase()} tells more.`;
  const cause = reason.includes(ngrokCode) ? reason : `${reason} (${ngrokCode})`;
  return new TunnelError("ERR_NGROK_FAILED", cause, advice, { isPassing });
}

/** @param reason in words of our own, where ngrok has given none */
export function ngrokFailed(reason: string, { isPassing }: { isPassing: boolean }): TunnelError {
  return new TunnelError(
    "ERR_NGROK_FAILED",
    reason,
    "Does `ngrok http 8080` work by itself? `ngrok diagnose` tells more. Another tunnel: --provider localtunnel.",
    { isPassing },
  );
}

/** The package was not asked: it would only say the same, later. */
export function ngrokTokenMissing(): TunnelError {
  return new TunnelError(
    missing.code,
    "the package @ngrok/ngrok has no authtoken",
    "Copy yours from https://dashboard.ngrok.com/get-started/your-authtoken and set NGROK_AUTHTOKEN.",
    { isPassing: false },
  );
}

/** The first line that says something. Below it ngrok may repeat the token. */
function firstLine(said: string): string {
  const lines = said.split(/[\r\n]+/).map((line) => line.replace(/^ERROR:/, "").trim());
  const line = lines.find((text) => text !== "" && !/^ERR_NGROK_\d+$/.test(text)) ?? "nothing";
  return line
    .replaceAll(/(your authtoken:) *\S+/gi, "$1 …")
    .replace(/\.$/, "")
    .slice(0, maxSaidLength);
}
