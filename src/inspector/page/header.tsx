import type { VNode } from "preact";
import type { Status } from "../protocol.ts";
import type { Connection } from "./live.ts";

export interface HeaderProps {
  readonly status: Status | undefined;
  readonly connection: Connection;
  readonly isReadOnly: boolean;
  readonly onEmit: () => void;
  readonly onHelp: () => void;
}

const words: Record<Connection["state"], { readonly text: string; readonly tone: string }> = {
  open: { text: "live", tone: "good" },
  connecting: { text: "connecting", tone: "muted" },
  lost: { text: "no answer", tone: "bad" },
  refused: { text: "read-only", tone: "wait" },
  "without-token": { text: "no access", tone: "wait" },
};

/** What this is, whether it is live, and what can be done from everywhere. */
export function Header({ status, connection, isReadOnly, onEmit, onHelp }: HeaderProps): VNode {
  const { text, tone } = words[connection.state];
  return (
    <header class="header">
      <h1>
        kinde-devhook
        {status !== undefined && (
          <span class="mode" title={`${status.version}, process ${status.pid}`}>
            {status.command}
          </span>
        )}
      </h1>
      <p class={`live ${tone}`}>
        <span class={`dot ${connection.state === "open" ? "" : "is-hollow"}`} aria-hidden="true" />
        <span class="live-word">{text}</span>
      </p>
      <button type="button" class="quiet" aria-keyshortcuts="?" onClick={onHelp}>
        <span class="keys-word">Keys</span> <kbd aria-hidden="true">?</kbd>
      </button>
      <button type="button" class="primary" aria-keyshortcuts="e" disabled={isReadOnly} onClick={onEmit}>
        Emit event
      </button>
    </header>
  );
}
